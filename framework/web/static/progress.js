// The progress of the session: counts, estimated precision, learning curve, the gain of more answers.

import { element, svgElement } from "./text.js";

const WIDTH = 260;
const MAX_PAIRS = 5;
const VAGUE = 0.4; // of a wider interval, the estimate itself is not shown
const percent = (share) => `${(100 * share).toFixed(0)} %`;
const count = (number, one, several = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : several}`;

/** Show in `place` the progress of all, this annotator's share, the agreement of annotators, and the session's settings. */
export function showProgress(place, all, mine, agreement, settings) {
  const parts = [answerSection(all, mine), modelSection(all), precisionSection(all.precision), curveSection(all.curve, all.next_gain), agreementSection(agreement), settingsSection(settings)];
  place.replaceChildren(...parts.filter(Boolean));
}

/** Model, texts and patterns: the last part of each path. */
function settingsSection(settings) {
  const shown = ["model", "source", "patterns"].filter((key) => settings[key]);
  if (!shown.length) return null;
  const last = (paths) => paths.split(", ").map((path) => path.split("/").at(-1)).join(", ");
  const rows = shown.map((key) =>
    element("p", { title: settings[key] }, `${key[0].toUpperCase()}${key.slice(1)}: `, element("bdi", {}, last(settings[key]))),
  );
  return element("section", {}, element("h2", {}, "This session"), ...rows);
}

function answerSection(all, mine) {
  const shares = ["accepted", "rejected", "ignored"].filter((kind) => all[kind]).map((kind) => {
    const share = element("span", { class: kind });
    share.style.flexGrow = all[kind];
    return share;
  });
  const others = all.answers > mine.answers ? element("p", {}, `${mine.answers.toLocaleString("en")} of them yours`) : null;
  const left = all.remaining === null ? null : element("p", {}, `${count(all.remaining, "question")} left`);
  return element(
    "section",
    {},
    element("h2", {}, "Answers"),
    element("p", { class: "big", id: "answers" }, all.answers.toLocaleString("en")),
    element("div", { class: "shares", "aria-hidden": "true" }, ...shares),
    element("p", {}, `${all.accepted} accepted, ${all.rejected} rejected, ${all.ignored} ignored`),
    all.complete_texts ? element("p", {}, `${count(all.complete_texts, "complete text")}`) : null,
    others,
    left,
    mine.seconds >= 60 ? element("p", {}, `${count(Math.round(mine.seconds / 60), "minute")} of your time`) : null,
  );
}

function modelSection(all) {
  if (!all.versions) return null;
  return element(
    "section",
    {},
    element("h2", {}, "The model"),
    element("p", {}, all.learned_from ? `trained ${count(all.versions, "time")}, on ${count(all.learned_from, "answer")}` : "trained on the patterns"),
  );
}

function precisionSection(estimate) {
  if (!estimate) return null;
  const x = (share) => 4 + share * (WIDTH - 8);
  const vague = estimate.high - estimate.low > VAGUE;
  const words = `${percent(estimate.estimate)}, between ${percent(estimate.low)} and ${percent(estimate.high)}`;
  return element(
    "section",
    {},
    element("h2", {}, "Estimated precision"),
    vague
      ? element("p", {}, `between ${percent(estimate.low)} and ${percent(estimate.high)}, so far`)
      : element("p", { class: "big" }, percent(estimate.estimate), element("small", {}, `  ${percent(estimate.low)} – ${percent(estimate.high)}`)),
    svgElement(
      "svg",
      { viewBox: `0 0 ${WIDTH} 16`, role: "img", "aria-label": words },
      svgElement("line", { class: "axis", x1: x(0), x2: x(1), y1: 8, y2: 8 }),
      svgElement("line", { class: "range", x1: x(estimate.low), x2: x(estimate.high), y1: 8, y2: 8 }),
      svgElement("circle", { class: "point", cx: x(estimate.estimate), cy: 8, r: 4.5 }),
    ),
  );
}

/** Krippendorff's alpha of all, Cohen's kappa of pairs: the lowest if there are many. */
function agreementSection(agreement) {
  if (!agreement) return null;
  const pairs = [...agreement.pairs].sort((a, b) => (a.kappa ?? 1) - (b.kappa ?? 1));
  const rows = pairs.slice(0, MAX_PAIRS).map(({ annotators: [first, second], kappa, questions }) =>
    element("p", {}, element("bdi", {}, first), " and ", element("bdi", {}, second), `: kappa ${figure(kappa)} on ${questions.toLocaleString("en")}`),
  );
  const others = pairs.length > MAX_PAIRS ? element("p", {}, `and ${count(pairs.length - MAX_PAIRS, "pair")} more, with higher agreement`) : null;
  const about = "1: perfect agreement; 0: chance agreement. Undefined if all answers are equal.";
  return element(
    "section",
    { title: about },
    element("h2", {}, "Agreement"),
    element("p", { class: "big" }, figure(agreement.alpha), element("small", {}, `  alpha on ${count(agreement.questions, "question")}`)),
    ...rows,
    others,
  );
}

const figure = (value) => (value === null ? "–" : value.toFixed(2));

function curveSection(points, gain) {
  const worth = gain === null ? null : element("p", {}, describeGain(gain));
  if (!points.length && !worth) return null;
  if (points.length < 2) {
    const now = points.length ? element("p", { class: "big" }, percent(points[0][1])) : null;
    return element("section", {}, element("h2", {}, "Expected F1"), now, worth, basis());
  }
  const height = 96;
  const most = points.at(-1)[0];
  const top = Math.max(0.1, Math.ceil(10 * Math.max(...points.map(([, f1]) => f1))) / 10);
  const x = (answers) => (answers / most) * (WIDTH - 2) + 1;
  const y = (f1) => height - (f1 / top) * (height - 14);
  const path = points.map(([answers, f1], at) => `${at ? "L" : "M"}${x(answers).toFixed(1)} ${y(f1).toFixed(1)}`).join("");
  const [answers, last] = points.at(-1);
  return element(
    "section",
    {},
    element("h2", {}, "Learning curve"),
    svgElement(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${height + 16}`,
        role: "img",
        "aria-label": `Expected F1, an estimate: ${percent(points[0][1])} after ${points[0][0]} answers, ${percent(last)} after ${answers}`,
      },
      svgElement("path", { class: "under", d: `${path}L${x(answers)} ${height}L${x(points[0][0])} ${height}Z` }),
      svgElement("path", { class: "curve", d: path }),
      svgElement("circle", { class: "point", cx: x(answers), cy: y(last), r: 3.5 }),
      svgElement("line", { class: "axis", x1: 0, x2: WIDTH, y1: height, y2: height }),
      svgElement("text", { x: 0, y: height + 13 }, "0"),
      svgElement("text", { x: WIDTH, y: height + 13, "text-anchor": "end" }, count(answers, "answer")),
      svgElement("text", { x: 0, y: 10 }, `expected F1 ${percent(last)}`),
    ),
    worth,
    basis(),
  );
}

/** What the estimate means, and where it comes from. */
function basis() {
  return element("p", {}, "The F1 expected on new texts, estimated from the model’s probabilities and your answers. It is usually too high, above all while there are few answers.");
}

function describeGain(gain) {
  const points = 100 * gain;
  if (points < 0.05) return "The next 100 answers are expected to add almost nothing.";
  return `The next 100 answers are expected to add about ${points.toFixed(1)} points of F1.`;
}
