import { render } from 'preact';
import { App } from './app.tsx';
import { answerQuestions } from './check-worker.ts';
import { loadShownSystems } from './systems.ts';
import './style/index.css';

async function showPage(): Promise<void> {
  const place = document.getElementById('app');
  if (place === null) return;
  await loadShownSystems();
  place.textContent = '';
  render(<App />, place);
}

// The page's own script is its worker's too (see ask-worker.ts): there it has no document, and answers questions.
if (typeof document === 'undefined') answerQuestions();
else void showPage();
