// Buttons that copy, and only those fields of a source that its kind has a use for.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    if (navigator.clipboard) {
        for (const button of document.querySelectorAll("[data-copy]")) {
            const words = button.textContent;
            button.hidden = false;
            button.addEventListener("click", async () => {
                await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
                button.textContent = "Copied";
                window.setTimeout(() => (button.textContent = words), 2000);
            });
        }
    }

    const page = document.getElementById("alertsource_form");
    if (!page) return;
    const kind = document.getElementById("id_kind");
    // Of a source that is there the kind is no field any more.
    const fixed = page.querySelector(".field-kind .readonly")?.textContent.trim();
    const block = (id) => document.getElementById(id)?.closest("fieldset");

    const kinds = { "CloudWatch alarms": "cloudwatch", "JSON of your own": "generic" };

    function show() {
        const shown = kind ? kind.value : (kinds[fixed] ?? "groups");
        const only = (place, wanted) => place && (place.hidden = !wanted);
        only(block("id_topic_arn"), shown === "cloudwatch");
        only(block("id_key_path"), shown === "generic");
        // One incident for each alert is all that these two can have.
        only(page.querySelector(".field-grouping"), shown !== "cloudwatch" && shown !== "generic");
    }

    kind?.addEventListener("change", show);
    show();
});
