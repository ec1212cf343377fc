// The queue of people to call stands open for hours: it is loaded anew while nobody is at it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const EVERY = 45000;
    if (!document.getElementById("calls")) return;

    function isInUse() {
        const dialog = document.getElementById("modal-content");
        const selection = document.getSelection();
        const typing = document.activeElement?.matches("input, textarea, select");
        return Boolean(dialog?.getClientRects().length || typing || (selection && !selection.isCollapsed));
    }

    window.setInterval(() => {
        if (!document.hidden && navigator.onLine && !isInUse()) window.location.reload();
    }, EVERY);
});
