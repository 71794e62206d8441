export { MarketPage } from './market/MarketPage.tsx';
export { SymbolPage } from './SymbolPage.tsx';
