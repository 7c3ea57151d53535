// The reason for a question, in words.

import { element } from "./text.js";

const percent = (share) => `${Math.round(100 * share)} %`;

/** Return the reason and, if there is one, the model's probability as a small bar. */
export function explain(question) {
  const parts = [words(question)];
  if (question.probability !== null) {
    const bar = element("span", {});
    bar.style.width = `${100 * question.probability}%`;
    parts.push(question.reason === "model" ? " " : " Model: ", element("span", { class: "likely", "aria-hidden": "true" }, bar), percent(question.probability));
  }
  return parts;
}

function words(question) {
  if (question.reason === "pattern") {
    const id = question.spans.find((span) => span.pattern !== null)?.pattern;
    const found = id ? `Found by pattern ${id}` : "Found by a pattern";
    const [right, wrong] = question.record ?? [0, 0];
    const asked = right + wrong;
    return asked ? `${found}, right ${right} of ${asked} times so far.` : `${found}, for the first time.`;
  }
  if (question.reason === "model") {
    const likely = question.probability;
    if (likely === null) return "Suggested by the model.";
    if (question.kind === "text") return "Suggested by the model, which can learn from this text:";
    if (likely < 0.35) return "The model doubts it:";
    return likely > 0.65 ? "The model thinks so:" : "The model is unsure:";
  }
  return {
    probe: "Picked at random, to measure the model.",
    "follow-up": "You accepted a span here: is there anything else in this text?",
    source: "Next in the input.",
    review: "The answers to this question disagree.",
  }[question.reason];
}
