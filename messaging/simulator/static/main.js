// Starts the page: loads the state, follows the stream, wires up the buttons that belong to no single phone.

import { call, follow } from "./api.js";
import { $, attempt, complain, element, number } from "./dom.js";
import { addToWire, showFaults, showWire } from "./panels.js";
import { showAll, showHandset, update } from "./phones.js";

let handsets = [];
let soon = null;
let loaded = false;

async function load() {
  const state = await call("GET", "/state");
  handsets = state.handsets;
  showAll(state.handsets, state.conversations);
  showFaults(state.faults, handsets);
  showWire(state.wire);
  showStatus(state);
  showStrangers(state.strangers);
  // The phones are put before the form, which a browser would otherwise keep in view on a narrow screen.
  if (!loaded) $("#phones").scrollLeft = 0;
  loaded = true;
}

// Many things ask for a fresh look at once; one look serves them all.
function loadSoon() {
  soon ??= setTimeout(() => {
    soon = null;
    load().catch(complain);
  }, 250);
}

function chip(id, tone, text) {
  const shown = $(id);
  shown.dataset.tone = tone;
  shown.textContent = text;
}

function showStatus(state) {
  const waiting = state.topics.reduce((sum, topic) => sum + topic.waiting, 0);
  if (!state.webhook) chip("#webhook", "plain", "No webhook");
  else if (state.confirmed) chip("#webhook", "good", "Webhook confirmed");
  else chip("#webhook", "wait", `Webhook not confirmed${waiting ? `, ${waiting} waiting` : ""}`);
  $("#webhook").title = state.webhook ?? "";
  $("#ask").hidden = !state.webhook || state.confirmed;
  chip("#count", "plain", state.sent.count === 1 ? "1 text sent" : `${state.sent.count} texts sent`);
  const dead = state.dead_letters.length;
  $("#dead").hidden = dead === 0;
  $("#dead span").textContent = dead === 1 ? "1 notification given up" : `${dead} notifications given up`;
}

function showStrangers(numbers) {
  $("#strangers").hidden = numbers.length === 0;
  $("#strangers ul").replaceChildren(...numbers.map((one) => {
    const take = () => {
      $("#add").elements.number.value = one;
      $("#add").elements.name.focus();
    };
    return element("li", {}, element("button", { type: "button", textContent: number(one), onclick: take }));
  }));
}

$("#add").addEventListener("submit", attempt(async ({ target }) => {
  await call("POST", "/handsets", { name: target.elements.name.value, number: target.elements.number.value });
  target.reset();
  await load();
}));
$("#clear").addEventListener("click", attempt(() => call("DELETE", "/log")));
$("#ask").addEventListener("click", attempt(() => call("POST", "/confirmations", {})));
$("#all-off").addEventListener("click", attempt(() => call("DELETE", "/faults")));
$("#redrive").addEventListener("click", attempt(async () => {
  await call("POST", "/dead-letters", {});
  loadSoon();
}));
$("#trouble-close").addEventListener("click", () => { $("#trouble").hidden = true; });

follow({
  connected() {
    chip("#live", "good", "Live");
    load().catch(complain);
  },
  lost() {
    chip("#live", "bad", "Connection lost, trying again");
  },
  heard(kind, data) {
    if (kind === "wire") {
      addToWire(data);
      loadStatusSoon();
    } else if (kind === "text") update(data);
    else if (kind === "faults") showFaults(data, handsets);
    else if (kind === "handset") showHandset(data);
    else loadSoon();
  },
});

// Counters follow the wire with a little delay: one request serves a burst of texts.
let counting = null;
function loadStatusSoon() {
  counting ??= setTimeout(async () => {
    counting = null;
    const state = await call("GET", "/state").catch(() => null);
    if (!state) return;
    showStatus(state);
    showStrangers(state.strangers);
  }, 1000);
}
