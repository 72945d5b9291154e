// The pages of the app, for a service that has filled the mall with counts.
export const pages = [
  '/counts?area=ground&period=yesterday',
  '/counts?period=28-days',
  '/live',
  '/audit/clips',
  '/audit/accuracy',
  '/audit/log',
  '/setup/cameras',
  '/setup/cameras/new',
  '/setup/cameras/entrance',
  '/setup/places',
  '/setup/places/site/mall',
  '/setup/places/area/ground',
  '/setup/people',
  '/setup/system',
  '/start',
  '/account',
];
