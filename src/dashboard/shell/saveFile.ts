/** Saves CSV as a file of the viewer. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
