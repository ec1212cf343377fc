// Small helpers. Whatever came in a text is set as textContent, never as HTML.

export const $ = (selector, root = document) => root.querySelector(selector);

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "data") Object.assign(made.dataset, value);
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function clock(seconds, precise = false) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (precise) options.second = "2-digit";
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", options);
}

export function number(text) {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(text);
  return american ? `+1 ${american[1]} ${american[2]} ${american[3]}` : text;
}

export function complain(error) {
  $("#trouble-text").textContent = error.message;
  $("#trouble").hidden = false;
}

// For buttons: what goes wrong is said on the page, not in the console.
export const attempt = (action) => async (event) => {
  event?.preventDefault();
  try {
    await action(event);
  } catch (error) {
    complain(error);
  }
};
