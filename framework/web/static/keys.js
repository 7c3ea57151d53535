// Keys: their actions, and the list that help shows.

import { element } from "./text.js";

export const KEYS = [
  ["A", "accept: the span is right; or: the whole text is right and complete"],
  ["Enter", "the whole text is right and complete (text questions)"],
  ["X", "reject: the span is wrong; or: reject the whole text, the model will not learn from it"],
  ["Space", "ignore: never ask this again"],
  ["⌫ Backspace", "undo the last answer"],
  ["F", "flag, to come back to it later"],
  ["P", "new patterns that answers suggest: A accepts, X rejects, arrows move, Esc goes back"],
  ["1 … 9", "choose a label; label the selected words"],
  ["← → ↑ ↓", "move over the words of the text; with Shift, select them, or change where the span ends"],
  ["Delete, D", "remove the selected span"],
  ["Ctrl Z", "undo the last change of a span"],
  ["Esc", "clear the selection"],
  ["?", "this list"],
];

const ARROWS = { ArrowUp: "up", ArrowDown: "down", Home: -1e9, End: 1e9 };

/** Listen for keys; `actions` has a function for each action, `card` the text to edit. */
export function listen(card, actions) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea")) return;
    const pressed = event.target.closest("button, a[href], summary");
    if (pressed && (event.key === " " || event.key === "Enter")) return;
    if (act(event, card, actions)) event.preventDefault();
  });
}

function act(event, card, actions) {
  const { key } = event;
  const editor = card.editor;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() !== "z" || !editor) return false;
    editor.undo();
    return true;
  }
  if (event.altKey) return false;
  if (editor && edit(event, editor)) return true;
  if (/^[1-9]$/.test(key)) {
    const label = card.question?.labels[Number(key) - 1];
    if (label !== undefined) card.setLabel(label);
    return label !== undefined;
  }
  const name = {
    a: "accept", x: "reject", " ": "ignore", Backspace: "undo", f: "flag", p: "patterns", "?": "help", Enter: "enter",
  }[key.length === 1 ? key.toLowerCase() : key];
  if (!name) return false;
  if (event.repeat && name !== "help") return true; // a key that is held down answers once
  actions[name]();
  return true;
}

function edit(event, editor) {
  const { key, shiftKey } = event;
  if (key === "ArrowLeft") editor.move(editor.leftStep, shiftKey);
  else if (key === "ArrowRight") editor.move(-editor.leftStep, shiftKey);
  else if (key in ARROWS) editor.move(ARROWS[key], shiftKey);
  else if (key === "Delete" || key === "d") editor.remove();
  else if (key === "Escape") editor.clear();
  else return false;
  return true;
}

/** Fill the dialog that lists the keys. */
export function fillHelp(dialog) {
  const rows = KEYS.map(([key, meaning]) =>
    element("tr", {}, element("td", {}, element("kbd", {}, key)), element("td", {}, meaning)),
  );
  const close = element("button", { class: "yes", value: "ok" }, "Close");
  dialog.replaceChildren(
    element("h2", {}, "Keys"),
    element("table", {}, element("tbody", {}, ...rows)),
    element("p", {}, "On a touch screen: swipe right to accept, left to reject. When you edit a text: tap a word, or drag over several, to mark them; tap a span to select it."),
    element("form", { method: "dialog" }, close),
  );
}
