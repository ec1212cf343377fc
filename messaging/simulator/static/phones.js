// The phones: one element a handset, updated in place so that typing and scrolling are not disturbed.

import { call } from "./api.js";
import { $, attempt, clock, element, number } from "./dom.js";

const QUICK = ["YES", "NO", "STOP", "JOIN", "HELP"];
const TICKS = { accepted: "✓", sending: "◷", retrying: "↻", delivered: "✓✓", failed: "✕", dead: "✕" };
const SAID = {
  accepted: "accepted by the carrier", sending: "on its way", retrying: "trying again",
  delivered: "delivered", failed: "not delivered", dead: "given up",
};
const SHOWN = 200;
const units = new Map();
const ownNumbers = new Set();

export function showAll(handsets, conversations) {
  for (const [key, unit] of units) {
    if (!handsets.some((handset) => handset.number === key)) {
      unit.root.remove();
      units.delete(key);
    }
  }
  for (const handset of handsets) {
    if (!units.has(handset.number)) units.set(handset.number, build(handset));
    showHandset(handset);
    const unit = units.get(handset.number);
    const bubbles = conversations[handset.number] ?? [];
    const known = new Set(bubbles.map((bubble) => bubble.id));
    for (const [id, shown] of unit.bubbles) {
      if (known.has(id)) continue;
      shown.bubble.remove();
      shown.meta.remove();
      unit.bubbles.delete(id);
    }
    bubbles.forEach(showBubble);
    finish(unit);
  }
}

export function showHandset(handset) {
  const unit = units.get(handset.number);
  if (!unit) return;
  $("h2", unit.root).textContent = handset.name;
  unit.root.dataset.state = handset.state;
  unit.root.dataset.optedOut = handset.opted_out;
  $(".blocked input", unit.root).checked = handset.opted_out;
  for (const radio of unit.root.querySelectorAll(".states input")) radio.checked = radio.value === handset.state;
  showWaiting(unit);
}

// Returns false when no phone here belongs to the text.
export function showBubble(bubble) {
  const unit = units.get(bubble.handset);
  if (!unit) return false;
  const thread = $(".thread", unit.root);
  const near = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  let shown = unit.bubbles.get(bubble.id);
  if (!shown) {
    $(".quiet-thread", thread)?.remove();
    shown = { bubble: element("div", { textContent: bubble.body }), meta: element("div") };
    unit.bubbles.set(bubble.id, shown);
    thread.append(shown.bubble, shown.meta);
    ownNumbers.add(bubble.other);
    unit.others.add(bubble.other);
    unit.root.classList.toggle("several", unit.others.size > 1);
    if (bubble.direction === "in" || !unit.last) unit.last = bubble.other;
    if (unit.bubbles.size > SHOWN) forgetOldest(unit);
  }
  shown.status = bubble.status;
  shown.direction = bubble.direction;
  shown.bubble.className = `bubble ${bubble.direction} ${bubble.status}`;
  shown.meta.className = `meta ${bubble.direction}`;
  shown.meta.dataset.status = bubble.status;
  const parts = [clock(bubble.at), bubble.note].filter(Boolean).join(" · ");
  const other = element("span", { className: "other", textContent: `· ${number(bubble.other)}` });
  const tick = element("span", { className: "tick", textContent: TICKS[bubble.status] ?? "" });
  tick.setAttribute("aria-label", SAID[bubble.status] ?? bubble.status);
  tick.setAttribute("role", "img");
  shown.meta.replaceChildren(parts, other, tick);
  if (near) thread.scrollTop = thread.scrollHeight;
  return true;
}

export function update(bubble) {
  const known = showBubble(bubble);
  if (known) finish(units.get(bubble.handset));
  return known;
}

function finish(unit) {
  const thread = $(".thread", unit.root);
  if (!unit.bubbles.size && !$(".quiet-thread", thread)) {
    thread.append(element("p", { className: "quiet-thread", textContent: "No texts yet" }));
  }
  showWaiting(unit);
  for (const each of units.values()) showReceivers(each);
}

function showWaiting(unit) {
  const waiting = [...unit.bubbles.values()].filter(
    (one) => one.direction === "in" && one.status === "accepted",
  ).length;
  const texts = waiting === 1 ? "1 text waits" : `${waiting} texts wait`;
  $(".asleep span", unit.root).textContent = `Switched off${waiting ? `\n${texts} for it` : ""}`;
}

function showReceivers(unit) {
  const select = $("select", unit.root);
  const typed = $(".to-number", unit.root);
  const choices = [...ownNumbers];
  if (select.dataset.choices !== choices.join()) {
    select.replaceChildren(
      ...choices.map((choice) => element("option", { value: choice, textContent: number(choice) })),
    );
    select.dataset.choices = choices.join();
    select.value = unit.last ?? choices[0] ?? "";
  }
  if (unit.last && unit.followed !== unit.last) {
    // A new text changes whom an answer goes to, as on a real phone; the person may still choose another.
    select.value = unit.last;
    unit.followed = unit.last;
  }
  typed.hidden = choices.length > 0;
  select.hidden = choices.length === 0;
  select.disabled = choices.length < 2;
  $(".peer-name", unit.root).textContent = unit.last ? number(unit.last) : "Messages";
}

function forgetOldest(unit) {
  const [id, oldest] = unit.bubbles.entries().next().value;
  oldest.bubble.remove();
  oldest.meta.remove();
  unit.bubbles.delete(id);
}

function build(handset) {
  const root = $("#phone-template").content.firstElementChild.cloneNode(true);
  const unit = { root, bubbles: new Map(), others: new Set(), last: null, followed: null };
  const path = `/handsets/${encodeURIComponent(handset.number)}`;
  root.setAttribute("aria-label", `Handset of ${handset.name}`);
  $(".number", root).textContent = number(handset.number);
  $(".thread", root).setAttribute("aria-label", `Texts of ${handset.name}`);
  $(".body", root).setAttribute("aria-label", `Text message from ${handset.name}`);
  $(".states", root).setAttribute("aria-label", `State of ${handset.name}'s handset`);
  for (const radio of root.querySelectorAll(".states input")) {
    radio.name = `state-${handset.number}`;
    radio.addEventListener("change", attempt(() => call("POST", path, { state: radio.value })));
  }
  const blocked = $(".blocked input", root);
  blocked.addEventListener("change", attempt(() => call("POST", path, { opted_out: blocked.checked })));
  const send = (body) => {
    const to = $("select", root).value || $(".to-number", root).value;
    return call("POST", "/texts", { from: handset.number, to, body });
  };
  $(".quick", root).append(
    ...QUICK.map((word) =>
      element("button", { type: "button", textContent: word, onclick: attempt(() => send(word)) }),
    ),
  );
  $(".composer", root).addEventListener(
    "submit",
    attempt(async () => {
      const field = $(".body", root);
      if (!field.value.trim()) return;
      await send(field.value);
      field.value = "";
    }),
  );
  $("#add").before(root);
  return unit;
}

function tellTime() {
  for (const unit of units.values()) $(".clock", unit.root).textContent = clock(Date.now() / 1000);
}
setInterval(tellTime, 1000);
