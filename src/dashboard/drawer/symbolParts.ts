/** The parts that show one symbol, in one chunk: the dashboard loads it with the first drawer, the page of a symbol at once. */
export { SymbolDrawer } from './SymbolDrawer.tsx';
export { SymbolView } from './SymbolView.tsx';
