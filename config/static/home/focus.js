// A field that asks for the keyboard gets it. Unfold hides the page until its scripts have run, and the browser gives
// nothing to a field that is hidden: whoever typed their name at the login typed it to nobody.
window.addEventListener("load", () => {
    const field = document.querySelector("[autofocus]");
    if (field && document.activeElement === document.body) {
        field.focus({ preventScroll: true });
    }
});
