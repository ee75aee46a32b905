// The progress of a group message, fetched anew while it runs.
const EVERY = 3000;
const place = document.getElementById("progress");

async function refresh() {
  try {
    const answer = await fetch(place.dataset.progress, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
  } catch {
    // The next turn comes anyway: a page that is late is the lesser evil.
  }
  setTimeout(refresh, EVERY);
}

if (place && place.dataset.progress) setTimeout(refresh, EVERY);
