import { render } from 'preact';
import { App } from './app.tsx';
import { answerQuestions } from './check-worker.ts';
import './style/index.css';

// The page's own script is its worker's too (see ask-worker.ts): there it has no document, and answers questions.
if (typeof document === 'undefined') answerQuestions();
else {
  const place = document.getElementById('app');
  if (place !== null) {
    place.textContent = '';
    render(<App />, place);
  }
}
