// Beside the form that opens an incident: what would happen, told by the server with what is typed so far.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    for (const name of ["first_contact", "second_contact"]) {
        // The choice of contacts is only there for who may see contacts.
        const input = document.querySelector(`input[name="${name}"]`);
        if (input && document.getElementById("incident-contacts")) input.setAttribute("list", "incident-contacts");
    }
    const place = document.getElementById("incident-preview");
    const form = document.getElementById("incident_form");
    if (!place || !form) return;

    const PAUSE = 250;
    let timer = 0;
    let asked = 0;

    async function ask() {
        const number = ++asked;
        const data = new FormData(form);
        const focused = document.activeElement;
        data.append("typing", form.contains(focused) ? focused.name || "" : "");
        try {
            const answer = await fetch(place.dataset.url, { method: "POST", body: data, redirect: "manual" });
            // An answer that was overtaken by a later one tells of an older text.
            if (!answer.ok || number !== asked) return;
            place.innerHTML = await answer.text();
            place.hidden = false;
        } catch {
            // The next key stroke asks again; what counts is said when the form is sent.
        }
    }

    function soon() {
        window.clearTimeout(timer);
        timer = window.setTimeout(ask, PAUSE);
    }

    form.addEventListener("input", soon);
    // A number that is complete is judged when its field is left.
    form.addEventListener("focusout", soon);
    form.addEventListener("change", soon);
    ask();
});
