// Follows a rollout while its page is open. Without this script the page loads itself again.
"use strict";
const main = document.getElementById("main");
const source = new EventSource(main.dataset.events);
source.addEventListener("page", (event) => {
  // What comes is markup that this server made, with every text escaped.
  const focused = document.activeElement && document.activeElement.getAttribute("href");
  main.innerHTML = JSON.parse(event.data);
  if (focused) {
    const link = main.querySelector('a[href="' + CSS.escape(focused) + '"]');
    if (link) link.focus({ preventScroll: true });
  }
});
source.addEventListener("end", () => source.close());
// A browser comes back by itself, except where it was refused: too many follow, or the token is another.
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
});
