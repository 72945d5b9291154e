// Package reports answers what managers ask: footfall by day against last week and last year, the peak hour, the
// profile of the week, in against out, how long people stay, how many of those who walk by come in, and how places compare. It
// adds up the buckets of a book, and stores nothing.
//
// A question is about a subject, an area or a site, on days of its own calendar; with Open only the time inside its
// opening hours counts. Whoever watched less than all of it says so: every number comes with its coverage, and what
// nobody watched is no number.
//
// Last year is 364 days ago, so that a Saturday is compared with a Saturday.
//
// Shared answers (see Shared) are for those who may know how busy a place is, but not when a single person came. What
// they are made of is published by one rule, once, in cells that nobody can choose:
//
//   - A cell is a day, an hour or a quarter of an hour of one door in one direction, by the site's calendar. Cells of a
//     day are published three hours after its end, as they were known then, and never again differently: two answers to
//     one question do not tell what came late.
//   - A day below k is suppressed. Of a published day, the hours below k are suppressed; if that is a single hour, or
//     they come to less than k together, the hours after them are suppressed, too, until there are two that come to k:
//     the day minus the other hours is then at least k, spread over at least two hours in a way that nobody can tell.
//     Which hours join depends on where the small ones are, not on how great the others are. The same goes for the quarters
//     of a published hour. Parts of a suppressed cell are suppressed.
//   - Every shared answer is a sum of published cells, and of nothing else: of several doors, of any days, of weeks and
//     months. So no combination of answers tells more than the cells do, however areas and intervals overlap. What is
//     left out is flagged "suppressed"; a sum of which everything is left out is null.
//
// The price: sums of very quiet doors are too low, by less than k a suppressed day. Raw totals, classes, dwell times
// and the running day are not shared.
package reports
