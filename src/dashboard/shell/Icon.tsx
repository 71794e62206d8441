const PATHS = {
  dot: <circle cx="8" cy="8" r="4.5" fill="currentColor" stroke="none" />,
  ring: <circle cx="8" cy="8" r="5" />,
  warn: <path d="M8 2.2 14.6 13.6H1.4ZM8 6.4v3.4M8 11.6v.4" />,
  broken: (
    <path d="M6.5 9.5 3.8 12.2M9.5 6.5l2.7-2.7M4.5 6 3 6.5M6 4.5 6.5 3M11.5 10l1.5-.5M10 11.5l-.5 1.5" />
  ),
  cross: <path d="M4 4l8 8M12 4l-8 8" />,
  bars: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  clock: <path d="M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.2l2.2 1.4" />,
  lock: <path d="M4 7.5h8v6H4ZM5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3" />,
  search: <path d="M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4ZM10.2 10.2 13.5 13.5" />,
  layers: <path d="M8 2.5 14 5.5 8 8.5 2 5.5ZM2.5 8.5 8 11.3l5.5-2.8M2.5 11 8 13.8 13.5 11" />,
  bell: <path d="M4 11V7.5a4 4 0 0 1 8 0V11l1 1.2H3ZM6.8 14h2.4" />,
  muted: <path d="M2.5 6.2h2.3L8 3.5v9L4.8 9.8H2.5ZM10.5 6.3l3.2 3.4M13.7 6.3l-3.2 3.4" />,
  sound: <path d="M2.5 6.2h2.3L8 3.5v9L4.8 9.8H2.5ZM10.4 6a2.8 2.8 0 0 1 0 4M12.2 4.3a5.3 5.3 0 0 1 0 7.4" />,
  star: <path d="m8 1.9 1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.7l-3.8 2 .7-4.3-3.1-3 4.3-.6Z" />,
  list: <path d="M2.5 4h8M2.5 8h5M2.5 12h5M11.5 7.5v5.5M8.8 10.2h5.4" />,
  left: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  right: <path d="M6 3.5 10.5 8 6 12.5" />,
  up: <path d="M3.5 10 8 5.5l4.5 4.5" />,
  down: <path d="M3.5 6 8 10.5 12.5 6" />,
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a word that says the same; never alone. */
export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <g
        fill={filled ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {PATHS[name]}
      </g>
    </svg>
  );
}
