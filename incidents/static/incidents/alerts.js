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

    function show() {
        const shown = kind ? kind.value : { "CloudWatch alarms": "cloudwatch", "JSON of your own": "generic" }[fixed];
        const hide = (place, unless) => place && (place.hidden = !unless);
        hide(block("id_topic_arn"), shown === "cloudwatch");
        hide(block("id_key_path"), shown === "generic");
    }

    kind?.addEventListener("change", show);
    show();
});
