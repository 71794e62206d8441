/** Style sheets are bundled with the component that imports them. */
declare module '*.css';

/** The address of the picture. */
declare module '*.svg' {
  const address: string;
  export default address;
}
