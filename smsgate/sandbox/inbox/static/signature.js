// The signature check, spelled out.
import { el } from "./dom.js";

function compared(step) {
  if (!step.expected && !step.got) return null;
  if (step.expected === step.got) return el("p", { class: "mono dim" }, step.got);
  const rows = [
    ["Expected", step.expected],
    ["Got", step.got || "(nothing)"],
  ];
  return el(
    "dl",
    { class: "compare" },
    rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

function stepItem(step) {
  const right = step.right === null ? null : step.right ? "yes" : "no";
  const mark =
    right && el("span", { class: "verdict", "data-right": right, "aria-hidden": "true" }, step.right ? "✓" : "✗");
  const verdict = right && el("span", { class: "unseen" }, step.right ? "right: " : "wrong: ");
  const text = step.text && (step.text.includes("\n") || step.text.length > 60 || right === null);
  const shown = step.text
    ? text
      ? el("pre", { class: "raw" }, step.text)
      : el("p", { class: "mono dim" }, step.text)
    : null;
  return el("li", {}, el("p", {}, mark, verdict, el("strong", {}, step.title)), shown, compared(step));
}

export function signatureCheck(steps) {
  const wrong = steps.find((step) => step.right === false);
  const verdict = wrong ? `Wrong at: ${wrong.title}` : "Every step is right.";
  const summary = el("p", { class: wrong ? "problem" : "dim" }, verdict);
  return [summary, el("ol", { class: "check" }, steps.map(stepItem))];
}
