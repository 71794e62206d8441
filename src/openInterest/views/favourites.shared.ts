/** The watchlist that the stars of the dashboard are kept in. */
export const FAVOURITES_ID = 'favourites';
