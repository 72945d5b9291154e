import type { CameraStatus } from '../api/client';

// Mood is how something is doing, as a colour and a shape.
export type Mood = 'good' | 'poor' | 'bad' | 'none';

export function moodOf(status: CameraStatus): Mood {
  switch (status.state) {
    case 'online':
      return status.reason ? 'poor' : 'good';
    case 'degraded':
    case 'connecting':
    case 'waiting':
      return 'poor';
    case 'disabled':
      return 'none';
    default:
      return 'bad';
  }
}
