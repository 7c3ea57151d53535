// Swipes on the card of a span question: right accepts, left rejects.

const FAR = 90;

export function swipes(card, allowed, does) {
  let from = null;

  const end = (event) => {
    if (from === null) return;
    const far = event.type === "pointerup" ? event.clientX - from.x : 0;
    from = null;
    card.style.removeProperty("transform");
    delete card.dataset.swipe;
    if (Math.abs(far) >= FAR) does[far > 0 ? "accept" : "reject"]();
  };

  card.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && event.isPrimary && allowed()) from = { x: event.clientX, y: event.clientY };
  });
  card.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const far = event.clientX - from.x;
    if (Math.abs(far) < 12) return;
    card.style.transform = `translateX(${far}px) rotate(${far / 60}deg)`;
    if (Math.abs(far) < FAR) delete card.dataset.swipe;
    else card.dataset.swipe = far > 0 ? "accept" : "reject";
  });
  card.addEventListener("pointerup", end);
  card.addEventListener("pointercancel", end);
}
