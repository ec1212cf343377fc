// The panels below the phones: switches for faults, and what went over the wire.

import { call } from "./api.js";
import { $, attempt, clock, element } from "./dom.js";

const NAMES = {
  throttle: "Throttling", server_error: "Server error", refuse: "Refuse", opted_out: "Opted out", lose: "Lost request",
  drop_answer: "Lost answer", hang_after_accept: "Hang after accepting", delay: "Slow", refuse_call: "Refuse calls",
  duplicate: "Duplicates", reorder: "Wrong order", notification_delay: "Late notifications",
};
const SECONDS = { hang_after_accept: 30, delay: 2, reorder: 5, notification_delay: 2 };
const REFUSALS = [
  ["ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"],
  ["AccessDeniedException", "ACCOUNT_DISABLED"],
  ["AccessDeniedException", "INSUFFICIENT_ACCOUNT_REPUTATION"],
  ["ConflictException", "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"],
  ["ConflictException", "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"],
  ["ConflictException", "NO_ORIGINATION_IDENTITIES_FOUND"],
  ["ValidationException", "COUNTRY_NOT_ENABLED"],
  ["ValidationException", "DESTINATION_COUNTRY_BLOCKED"],
];
const WIRE_ROWS = 200;
const rows = new Map();

export function showFaults({ kinds, active }, handsets) {
  if (!rows.size) for (const [kind, does] of Object.entries(kinds)) rows.set(kind, faultRow(kind, does));
  for (const [kind, row] of rows) {
    const fault = active.find((one) => one.kind === kind);
    $(".switch", row).checked = Boolean(fault);
    $(".fault-left", row).textContent = fault ? (fault.count ? `${fault.count} to go` : `struck ${fault.used}×`) : "";
  }
  showReceivers(handsets);
  $("#banner").hidden = active.length === 0;
  $("#banner-text").textContent = active.map((fault) => NAMES[fault.kind] ?? fault.kind).join(", ");
}

function showReceivers(handsets) {
  const known = handsets.map((handset) => handset.number).join();
  for (const select of document.querySelectorAll("#faults .whom")) {
    if (select.dataset.known === known) continue;
    const chosen = select.value;
    select.replaceChildren(
      element("option", { value: "", textContent: "everyone" }),
      ...handsets.map((one) => element("option", { value: one.number, textContent: one.name })),
    );
    select.value = chosen;
    select.dataset.known = known;
  }
}

function faultRow(kind, does) {
  const toggle = element("input", { type: "checkbox", className: "switch", role: "switch", id: `fault-${kind}` });
  const times = element("input", { type: "number", min: 1, placeholder: "∞" });
  const settings = [element("label", {}, "times ", times)];
  const seconds = kind in SECONDS ? element("input", { type: "number", min: 0, step: 0.1, value: SECONDS[kind] }) : null;
  if (seconds) settings.push(element("label", {}, "seconds ", seconds));
  const copies = kind === "duplicate" ? element("input", { type: "number", min: 2, value: 2 }) : null;
  if (copies) settings.push(element("label", {}, "copies ", copies));
  const whom = element("select", { className: "whom" });
  settings.push(element("label", {}, "for ", whom));
  const why = kind === "refuse" ? element("select") : null;
  if (why) {
    why.append(...REFUSALS.map(([, reason], index) => element("option", { value: index, textContent: reason })));
    settings.push(element("label", {}, "as ", why));
  }
  toggle.addEventListener("change", attempt(async () => {
    if (!toggle.checked) return call("DELETE", `/faults?kind=${kind}`);
    const fault = { kind, count: times.valueAsNumber || null, destination: whom.value || null };
    if (seconds) fault.seconds = seconds.valueAsNumber;
    if (copies) fault.copies = copies.valueAsNumber;
    if (why) [fault.code, fault.reason] = REFUSALS[why.value];
    toggle.checked = false;
    return call("PUT", "/faults", fault);
  }));
  const name = element("span", { className: "fault-name" }, NAMES[kind] ?? kind, element("span", { className: "fault-left" }));
  const head = element("label", { className: "fault-head" }, toggle, name, element("span", { className: "fault-does", textContent: does }));
  const set = element("div", { className: "fault-set", hidden: true, id: `set-${kind}` }, ...settings);
  const options = element("button", { type: "button", className: "options", textContent: "Options" });
  options.setAttribute("aria-label", `Options of ${NAMES[kind] ?? kind}`);
  options.setAttribute("aria-controls", set.id);
  options.setAttribute("aria-expanded", "false");
  options.addEventListener("click", () => {
    set.hidden = !set.hidden;
    options.setAttribute("aria-expanded", String(!set.hidden));
  });
  const row = element("li", {}, head, options, set);
  $("#faults").append(row);
  return row;
}

export function showWire(entries) {
  $("#wire").replaceChildren(...[...entries].reverse().map(wireRow));
  $("#wire-empty").hidden = entries.length > 0;
}

export function addToWire(entry) {
  const table = $("#wire");
  table.prepend(wireRow(entry));
  while (table.rows.length > WIRE_ROWS) table.lastElementChild.remove();
  $("#wire-empty").hidden = true;
}

function wireRow(entry) {
  const inward = entry.direction === "in";
  const arrow = element("b", { className: inward ? "to-aws" : "to-web", textContent: inward ? "→" : "←" });
  arrow.setAttribute("aria-label", inward ? "Textback to AWS" : "SNS to the webhook");
  arrow.setAttribute("role", "img");
  const outcome = element("span", { className: `outcome ${entry.good ? "" : "bad"}`, textContent: entry.outcome });
  const took = entry.ms ? element("span", { className: "took", textContent: `${entry.ms} ms` }) : null;
  return element(
    "tr", {},
    element("td", { textContent: clock(entry.at, true) }),
    element("td", {}, arrow),
    element("td", { textContent: entry.what, title: entry.what }),
    element("td", { textContent: entry.summary, title: entry.summary }),
    element("td", { title: entry.outcome }, outcome, took),
  );
}
