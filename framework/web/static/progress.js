// How the session stands: counts, estimated precision, learning curve, what more answers are worth.

import { drawn, element } from "./text.js";

const WIDTH = 260;
const MOST_PAIRS = 5;
const VAGUE = 0.4; // an interval so wide that its middle would be taken for more than it is
const percent = (share) => `${(100 * share).toFixed(0)} %`;
const count = (number, one, several = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : several}`;

/** Show the standing of all in `place`, this annotator's share of it, how far annotators agree, and what the session is made of. */
export function progress(place, all, mine, agreement, settings) {
  const parts = [answers(all, mine), learned(all), precision(all.precision), curve(all.curve, all.next_gain), agreed(agreement), made(settings)];
  place.replaceChildren(...parts.filter(Boolean));
}

/** Model, texts and patterns: of a path, its last part. */
function made(settings) {
  const shown = ["model", "source", "patterns"].filter((key) => settings[key]);
  if (!shown.length) return null;
  const last = (paths) => paths.split(", ").map((path) => path.split("/").at(-1)).join(", ");
  const rows = shown.map((key) =>
    element("p", { title: settings[key] }, `${key[0].toUpperCase()}${key.slice(1)}: `, element("bdi", {}, last(settings[key]))),
  );
  return element("section", {}, element("h2", {}, "This session"), ...rows);
}

function answers(all, mine) {
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

function learned(all) {
  if (!all.versions) return null;
  return element(
    "section",
    {},
    element("h2", {}, "The model"),
    element("p", {}, all.learned_from ? `has learned ${count(all.versions, "time")}, from ${count(all.learned_from, "answer")}` : "has learned what the patterns tell"),
  );
}

function precision(estimate) {
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
    drawn(
      "svg",
      { viewBox: `0 0 ${WIDTH} 16`, role: "img", "aria-label": words },
      drawn("line", { class: "axis", x1: x(0), x2: x(1), y1: 8, y2: 8 }),
      drawn("line", { class: "range", x1: x(estimate.low), x2: x(estimate.high), y1: 8, y2: 8 }),
      drawn("circle", { class: "point", cx: x(estimate.estimate), cy: 8, r: 4.5 }),
    ),
  );
}

/** Krippendorff's alpha of all, Cohen's kappa of each pair: of many pairs, those who agree least. */
function agreed(agreement) {
  if (!agreement) return null;
  const pairs = [...agreement.pairs].sort((one, other) => (one.kappa ?? 1) - (other.kappa ?? 1));
  const rows = pairs.slice(0, MOST_PAIRS).map(({ annotators: [one, other], kappa, questions }) =>
    element("p", {}, element("bdi", {}, one), " and ", element("bdi", {}, other), `: kappa ${figure(kappa)} on ${questions.toLocaleString("en")}`),
  );
  const others = pairs.length > MOST_PAIRS ? element("p", {}, `and ${count(pairs.length - MOST_PAIRS, "pair")} more, who agree better`) : null;
  const about = "1: they always agree; 0: no more than by chance. Not defined where nobody ever said anything else.";
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

function curve(points, gain) {
  const worth = gain === null ? null : element("p", {}, worthOf(gain));
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
    drawn(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${height + 16}`,
        role: "img",
        "aria-label": `Expected F1, an estimate: ${percent(points[0][1])} after ${points[0][0]} answers, ${percent(last)} after ${answers}`,
      },
      drawn("path", { class: "under", d: `${path}L${x(answers)} ${height}L${x(points[0][0])} ${height}Z` }),
      drawn("path", { class: "curve", d: path }),
      drawn("circle", { class: "point", cx: x(answers), cy: y(last), r: 3.5 }),
      drawn("line", { class: "axis", x1: 0, x2: WIDTH, y1: height, y2: height }),
      drawn("text", { x: 0, y: height + 13 }, "0"),
      drawn("text", { x: WIDTH, y: height + 13, "text-anchor": "end" }, count(answers, "answer")),
      drawn("text", { x: 0, y: 10 }, `expected F1 ${percent(last)}`),
    ),
    worth,
    basis(),
  );
}

/** What the estimate is of, and where it comes from. */
function basis() {
  return element("p", {}, "An estimate for texts that it has not learned from: expected F1, as the model’s probabilities and your answers tell. It is mostly too high, most of all while answers are few");
}

function worthOf(gain) {
  const points = 100 * gain;
  if (points < 0.05) return "The next 100 answers are expected to add next to nothing";
  return `The next 100 answers are worth about ${points.toFixed(1)} points of F1, if it goes on like this`;
}
