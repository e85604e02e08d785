import type { Answer, Question } from './check-messages.ts';
import CheckWorker from './check.worker.ts?worker&inline';

/** Puts a question to a worker of its own; answers come one by one. The function that comes back stops it. */
export function askWorker(question: Question, onAnswer: (answer: Answer) => void): () => void {
  const worker = new CheckWorker();
  worker.onmessage = ({ data }: MessageEvent<Answer>): void => {
    onAnswer(data);
    if (data.answer !== 'progress') worker.terminate();
  };
  worker.onerror = event => onAnswer({ answer: 'fault', message: event.message });
  worker.postMessage(question);
  return () => worker.terminate();
}
