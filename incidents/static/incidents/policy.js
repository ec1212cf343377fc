// The field in which people of a step are looked for is made by select2, which gives it no name.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("escalationpolicy_form");
    if (!form) return;

    function name() {
        for (const field of form.querySelectorAll(".select2-search__field:not([aria-label])")) {
            field.setAttribute("aria-label", "Look for a contact");
        }
    }

    name();
    // Steps are added, and their fields made, at any time.
    new MutationObserver(name).observe(form, { childList: true, subtree: true });
});
