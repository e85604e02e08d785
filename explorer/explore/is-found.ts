/** Whether a text has every word that is sought, wherever they stand. */
export const isFound = (text: string, sought: string): boolean =>
  sought
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.toLowerCase().includes(word));
