import type { Answer, Question } from './check-messages.ts';

let built: string | undefined;

/**
 * A worker that runs this page's own script, after a person's own system where there is one: there is no second file,
 * and a page opened from a folder could not load one. While developing, the script is a module with an address.
 */
function ownWorker(): Worker {
  const script = document.querySelector<HTMLScriptElement>('script[type=module]:not([src])');
  if (script === null) {
    const module = document.querySelector<HTMLScriptElement>('script[src*="main.tsx"]');
    return new Worker(module?.src ?? '', { type: 'module' });
  }
  const own = document.getElementById('own-system')?.textContent ?? '';
  built ??= URL.createObjectURL(new Blob([own, script.textContent ?? ''], { type: 'text/javascript' }));
  return new Worker(built);
}

/** Puts a question to a worker of its own; answers come one by one. The function that comes back stops it. */
export function askWorker(question: Question, onAnswer: (answer: Answer) => void): () => void {
  const worker = ownWorker();
  worker.onmessage = ({ data }: MessageEvent<Answer>): void => {
    onAnswer(data);
    if (data.answer !== 'progress') worker.terminate();
  };
  worker.onerror = event =>
    onAnswer({ answer: 'fault', message: event.message || 'the worker could not start' });
  worker.postMessage(question);
  return () => worker.terminate();
}
