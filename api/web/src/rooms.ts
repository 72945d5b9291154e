// The rooms of the app, by the first word of their address. web.go serves the same.
export const rooms = ['live', 'counts', 'audit', 'setup', 'sign-in', 'start', 'account'] as const;
export type Room = (typeof rooms)[number];
