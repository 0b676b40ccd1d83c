// The only script of our own: where a form can't be sent in the background, the browser sends it and tells what is wrong.
document.addEventListener("htmx:sendError", (event) => event.detail.elt.submit());
