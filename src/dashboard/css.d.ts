/** Style sheets are bundled with the component that imports them. */
declare module '*.css';
