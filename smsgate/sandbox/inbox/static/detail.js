// One message: its text and code, what happened to it, its signature, and the raw request and response.
import { $, chip, el, fill, nameOf, part, phoneText } from "./dom.js";
import { api } from "./api.js";
import { copyButton } from "./copy.js";
import { store } from "./entries.js";
import { goBack, onPaint, open } from "./window.js";
import { replyForm, reportForm } from "./actions.js";
import { signatureCheck } from "./signature.js";
import { timeline } from "./timeline.js";

const shown = { id: undefined, entry: null, detail: null, asked: 0 };

function facts(detail) {
  const message = detail.message || {};
  const params = message.params?.length ? message.params.join(", ") : "";
  const rows = [
    [
      "Vendor",
      [detail.vendor, detail.interface].filter((each, at, all) => each && all.indexOf(each) === at).join(" · "),
    ],
    ["Time", new Date(detail.time * 1000).toLocaleString()],
    ["Id", detail.message ? detail.id : ""],
    ["Template", message.template_id],
    ["Parameters", params],
    ["Signature", message.signature],
    ["Sender", message.sender],
    ["Reference", message.reference],
    ["Segments", detail.segments],
  ];
  const filled = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el(
    "dl",
    { class: "facts" },
    filled.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]),
  );
}

function codeBox(code) {
  const button = copyButton("Copy", code, code, {
    class: "primary",
    "aria-keyshortcuts": "c",
    "aria-label": `Copy code ${code}`,
  });
  return el("div", { class: "code" }, el("output", { class: "num", "aria-label": "Code" }, code), button);
}

function refusal(detail) {
  if (!["refused", "lost"].includes(detail.state)) return null;
  const why = detail.why && !detail.refusal.endsWith(detail.why) ? detail.why : "";
  return el("div", { class: "why" }, el("b", {}, detail.refusal || "Not processed: the connection was closed"), why);
}

const isWrong = (detail) => Boolean(detail.signature?.some((step) => step.right === false));

function rawPart(title, text) {
  const copy = copyButton("Copy", text, title.toLowerCase(), {
    class: "button small",
    "aria-label": `Copy ${title.toLowerCase()}`,
  });
  return el("details", {}, el("summary", {}, title), el("pre", { class: "raw" }, text), copy);
}

function copies(detail) {
  const link = `${location.origin}/m/${encodeURIComponent(detail.id)}`;
  const buttons = [
    detail.curl && copyButton("Copy as curl", detail.curl, "a curl command"),
    detail.pytest && copyButton("Copy as pytest line", detail.pytest, "a line for pytest"),
    copyButton("Copy link", link, "the link"),
    !open.single &&
      el(
        "a",
        { class: "button as-link", href: `/m/${encodeURIComponent(detail.id)}`, target: "_blank", rel: "noopener" },
        "Open alone",
      ),
  ];
  return el("div", { class: "line" }, buttons.filter(Boolean));
}

function signaturePart(detail) {
  if (!detail.signature?.length) return null;
  const summary = el("summary", {}, isWrong(detail) ? "Wrong: step by step" : "Right: step by step");
  return part("Signature check", el("details", { open: isWrong(detail) }, summary, signatureCheck(detail.signature)));
}

function sheet(detail) {
  const text = el(
    "div",
    { class: detail.reply ? "said own" : "said", "data-state": detail.state },
    el("p", { class: "bubble" }, phoneText(detail.text)),
  );
  const noResponse = detail.request && !detail.response;
  return el(
    "div",
    { class: "sheet" },
    el(
      "section",
      {},
      detail.text ? text : null,
      refusal(detail),
      detail.code ? codeBox(detail.code) : null,
      copies(detail),
    ),
    part("Timeline", el("div", { id: "timeline" }, timeline(detail.timeline))),
    detail.message ? part("Let a report come", reportForm(detail)) : null,
    open.single && detail.number ? part("Let the person reply", replyForm(detail.number, [detail])) : null,
    signaturePart(detail),
    detail.request
      ? part(
          "Raw",
          rawPart("Request", detail.request),
          noResponse ? el("p", { class: "dim" }, "No response was sent.") : rawPart("Response", detail.response),
        )
      : null,
    part("Details", facts(detail)),
  );
}

function showDetail(detail) {
  const isSame = shown.detail?.id === detail.id;
  shown.detail = detail;
  if (isSame) {
    // The rest of a message does not change; whoever reads it keeps their place.
    const focused = document.activeElement?.dataset?.key;
    fill($("timeline"), timeline(detail.timeline));
    if (focused) $("timeline").querySelector(`[data-key="${focused}"]`)?.focus();
    fill($("detail-state"), chip(detail.state));
    return;
  }
  const back = el("button", { type: "button", class: "back", onclick: goBack }, "‹ Back");
  const title = el("h2", { class: "num" }, nameOf(detail.number));
  const state = el("span", { id: "detail-state" }, chip(detail.state));
  const head = el("div", { class: "head" }, open.single ? null : back, title, state);
  fill($("detail-pane"), head, el("div", { class: "scroll" }, sheet(detail)));
}

export async function loadDetail(id) {
  const turn = (shown.asked += 1);
  try {
    const detail = await api.entry(id);
    if (turn === shown.asked) showDetail(detail);
  } catch (error) {
    if (turn !== shown.asked) return;
    shown.detail = null;
    fill($("detail-pane"), el("div", { class: "nothing" }, el("p", { role: "alert" }, error.message)));
  }
}

function paintDetail() {
  const entry = open.id === null ? null : store.entries.get(open.id);
  if (open.id === shown.id && entry === shown.entry) return;
  shown.id = open.id;
  shown.entry = entry;
  if (open.id !== null) {
    loadDetail(open.id);
    return;
  }
  shown.detail = null;
  shown.asked += 1;
  fill($("detail-pane"), el("div", { class: "nothing" }, el("p", {}, "Choose a message to see what happened to it")));
}

// The code of what is open, else of the newest message that has one.
export function currentCode() {
  const opened = store.entries.get(open.id);
  if (opened?.code || shown.detail?.code) return opened?.code || shown.detail.code;
  const inTalk = [...store.entries.values()].filter((entry) => open.number === null || entry.number === open.number);
  const newest = inTalk.filter((entry) => entry.code).sort((a, b) => b.serial - a.serial)[0];
  return newest?.code ?? null;
}

export function startDetail() {
  onPaint(paintDetail);
}
