// Keys: what each does, and the list of them that help shows.

import { element } from "./text.js";

export const KEYS = [
  ["A", "accept: the mark is right; or: the whole text is right and complete"],
  ["Enter", "the whole text is right and complete (text questions)"],
  ["X", "reject: the mark is wrong; or: set this whole text aside, it is not to be learned from"],
  ["Space", "ignore: not worth an answer, never ask again"],
  ["⌫ Backspace", "undo: take the last answer back"],
  ["F", "flag: to come back to it later"],
  ["P", "the new patterns that answers suggest: there A accepts, X rejects, arrows move, Esc goes back"],
  ["1 … 9", "choose a label; with something selected, mark it"],
  ["← → ↑ ↓", "move over the words of the text; with Shift, select them, or mend where the mark ends"],
  ["Delete, D", "remove the mark that is chosen"],
  ["Ctrl Z", "take back the last change of a mark"],
  ["Esc", "choose nothing"],
  ["?", "this list"],
];

const ARROWS = { ArrowUp: "up", ArrowDown: "down", Home: -1e9, End: 1e9 };

/** Listen for keys; `does` has a function for everything that keys do, `card` the text that is mended. */
export function listen(card, does) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea")) return;
    const pressed = event.target.closest("button, a[href], summary");
    if (pressed && (event.key === " " || event.key === "Enter")) return;
    if (act(event, card, does)) event.preventDefault();
  });
}

function act(event, card, does) {
  const { key } = event;
  const editor = card.editor;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() !== "z" || !editor) return false;
    editor.back();
    return true;
  }
  if (event.altKey) return false;
  if (editor && mend(event, editor)) return true;
  if (/^[1-9]$/.test(key)) {
    const label = card.question?.labels[Number(key) - 1];
    if (label !== undefined) card.give(label);
    return label !== undefined;
  }
  const name = {
    a: "accept", x: "reject", " ": "ignore", Backspace: "undo", f: "flag", p: "patterns", "?": "help", Enter: "enter",
  }[key.length === 1 ? key.toLowerCase() : key];
  if (!name) return false;
  if (event.repeat && name !== "help") return true; // a key held down answers once
  does[name]();
  return true;
}

function mend(event, editor) {
  const { key, shiftKey } = event;
  if (key === "ArrowLeft") editor.go(editor.leftwards, shiftKey);
  else if (key === "ArrowRight") editor.go(-editor.leftwards, shiftKey);
  else if (key in ARROWS) editor.go(ARROWS[key], shiftKey);
  else if (key === "Delete" || key === "d") editor.remove();
  else if (key === "Escape") editor.leave();
  else return false;
  return true;
}

/** Fill the dialog that lists the keys. */
export function explain(dialog) {
  const rows = KEYS.map(([key, meaning]) =>
    element("tr", {}, element("td", {}, element("kbd", {}, key)), element("td", {}, meaning)),
  );
  const close = element("button", { class: "yes", value: "ok" }, "Close");
  dialog.replaceChildren(
    element("h2", {}, "Keys"),
    element("table", {}, element("tbody", {}, ...rows)),
    element("p", {}, "On a touch screen: swipe right to accept, left to reject; in a text that you mend, tap a word or drag over several to mark them, tap a mark to choose it."),
    element("form", { method: "dialog" }, close),
  );
}
