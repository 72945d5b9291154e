// The rooms of the app, by the first word of their address. web.go serves the same.
export const rooms = ['live', 'counts', 'setup', 'sign-in', 'start'] as const;
export type Room = (typeof rooms)[number];
