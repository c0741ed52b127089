// [data-print] prints the page; without script the browser's own command does.
"use strict";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
