// How far the file is: asked every second while somebody works at it, and the page is shown anew when that is over.
const shown = document.getElementById("progress");
const EVERY = 1000;

async function look() {
  try {
    const answer = await fetch(shown.dataset.progress, { headers: { "X-Requested-With": "fetch" } });
    if (answer.ok) {
      const now = await answer.json();
      shown.querySelector('[data-part="read"]').textContent = now.read;
      shown.querySelector('[data-part="about"]').textContent = now.about ?? "?";
      if (now.state !== shown.dataset.state) {
        location.reload();
        return;
      }
    } else if (answer.status === 401 || answer.status === 403) {
      return;
    }
  } catch {
    // The console is away for a moment: asked again.
  }
  setTimeout(look, EVERY);
}

if (shown) setTimeout(look, EVERY);
