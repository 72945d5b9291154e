package models

import "strings"

// cocoNames are the classes of the COCO data set, spelt as it spells them.
//
//nolint:misspell // the names are the data set's, not ours
const cocoNames = "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant," +
	"stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella," +
	"handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard," +
	"tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot," +
	"hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard," +
	"cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"

// COCOClasses are the 80 classes of the COCO data set in the order that detectors trained on it put them out.
func COCOClasses() []Class {
	names := strings.Split(cocoNames, ",")
	classes := make([]Class, len(names))
	for i, name := range names {
		classes[i] = Class(name)
	}
	return classes
}
