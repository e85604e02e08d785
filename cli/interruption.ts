/** The first Ctrl-C asks the run to stop; the second ends the process, as people expect. */
export function interruption(): AbortController {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller;
}
