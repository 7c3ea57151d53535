// Swipes on the card of a span question: right accepts, left rejects.

const MIN_DISTANCE = 90;

export function listenForSwipes(card, allowed, actions) {
  let from = null;

  const end = (event) => {
    if (from === null) return;
    const distance = event.type === "pointerup" ? event.clientX - from.x : 0;
    from = null;
    card.style.removeProperty("transform");
    delete card.dataset.swipe;
    if (Math.abs(distance) >= MIN_DISTANCE) actions[distance > 0 ? "accept" : "reject"]();
  };

  card.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && event.isPrimary && allowed()) from = { x: event.clientX, y: event.clientY };
  });
  card.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const distance = event.clientX - from.x;
    if (Math.abs(distance) < 12) return;
    card.style.transform = `translateX(${distance}px) rotate(${distance / 60}deg)`;
    if (Math.abs(distance) < MIN_DISTANCE) delete card.dataset.swipe;
    else card.dataset.swipe = distance > 0 ? "accept" : "reject";
  });
  card.addEventListener("pointerup", end);
  card.addEventListener("pointercancel", end);
}
