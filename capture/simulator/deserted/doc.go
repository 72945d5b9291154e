// Package deserted draws places without anybody in them: what a detector finds there is false. There are ten of them
// (a street by day and by night, a park in the wind, a shop, a corridor, an entrance from straight above, a car park, a
// platform with a train, infra-red with rain and moths, snow), each a hundred pictures of ten seconds, with what moves
// there without being a person: leaves, cars, trains, shadows, signs, rain. A camera lies over each: noise, blur, a
// breathing exposure, grey at night; JPEG is up to whoever writes the pictures down.
//
// They are drawings. A detector that stays calm here can still be fooled by a mannequin or a coat on a hook; one that
// does not stay calm here will not do so anywhere. The same pictures come out every time.
//
// Pure Go and no goroutines.
package deserted
