"""python3 -m unittest, in this folder. Needs torch, onnx, numpy and OpenCV, but no pictures."""
from __future__ import annotations

import base64
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np
import torch

import aside
import augment
import calibrate
import drawn
import onnx_model
import panoramas
import weather
from atlas import Atlas
from augment import Studio, Tilt
from calibrate import calibrated, line
from checkpoint import load_mean
from clutter import KINDS, thing, umbrella
from detectors import Boxes5, suppress
from dice import Dice
from evaluate import matched, scores
from labels import Look, agree, refined, tiles
from loss import detection_loss, iou
from network import Detector, cells, decode, flatten
from paste import Layer, Layers, Scenes
from pictures import SURE, Picture, boxes, for_training
from shipped import unfolded, weights
from targets import DOUBTFUL, NOBODY, SOMEBODY, assign
from train import Batches, Lesson, Memory, Trainer

CPU = torch.device("cpu")


def picture(people=((100, 60, 140, 180),), doubtful=()) -> Picture:
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    return Picture("street", noise, boxes(people), boxes(doubtful))


def studio(*pictures: Picture, nobody: float = 0.0, sprites: int = 3) -> Studio:
    rng = np.random.default_rng(4)
    return Studio(list(pictures or (picture(),)), [thing(rng) for _ in range(sprites)], [], CPU, nobody)


def told(people, doubtful=()) -> tuple[torch.Tensor, torch.Tensor]:
    """Boxes as assign wants them, of one sample."""
    state = [SOMEBODY] * len(people) + [DOUBTFUL] * len(doubtful)
    return torch.tensor([[*people, *doubtful]], dtype=torch.float32), torch.tensor([state])


class Targets(unittest.TestCase):
    def test_every_person_has_a_cell_and_the_box_of_it(self):
        for tall in (10, 30, 50, 90, 120, 250):
            person = [200, 20, 200 + tall * 0.4, 20 + tall]
            verdict, target = assign(*told([person]), 416, 288)
            self.assertTrue((verdict == SOMEBODY).any(), tall)
            self.assertTrue((target[verdict == SOMEBODY] == torch.tensor(person)).all(), tall)

    def test_doubtful_boxes_are_neither(self):
        verdict, _ = assign(*told([], [[0, 0, 208, 256]]), 416, 256)
        x = cells(256, 416)[:, 0]
        self.assertEqual(set(verdict[0, x < 208].tolist()), {DOUBTFUL})
        self.assertEqual(set(verdict[0, x > 208].tolist()), {NOBODY})

    def test_the_person_in_front_wins(self):
        behind, front = [100, 50, 160, 230], [120, 130, 140, 150]
        verdict, target = assign(*told([behind, front]), 416, 256)
        self.assertTrue((target[verdict == SOMEBODY] == torch.tensor(front)).all(1).any())

    def test_what_is_no_box_says_nothing(self):
        box, _ = told([[100, 50, 160, 230]])
        verdict, _ = assign(box, torch.tensor([[NOBODY]]), 416, 256)
        self.assertEqual(set(verdict.flatten().tolist()), {NOBODY})


class Reading(unittest.TestCase):
    def test_an_atlas_gives_back_its_pictures_smaller_ones_averaged(self):
        one, two = picture().pixels, np.full((30, 50, 3), 7, np.uint8)
        atlas = Atlas([two, one], CPU)

        def read(level: int, x: float, y: float) -> np.ndarray:
            begin, width, height, zoom_x, zoom_y = atlas.row(torch.tensor([1]), torch.tensor([level]))
            return atlas.look(begin, width, height, torch.tensor([x]) * zoom_x, torch.tensor([y]) * zoom_y)[0].numpy()

        np.testing.assert_allclose(read(0, 20.5, 10.5), [*one[10, 20], 255])
        np.testing.assert_allclose(read(0, 21.0, 10.5)[:3], one[10, 20:22].mean(0), atol=0.01)
        np.testing.assert_allclose(read(1, 21.0, 11.0)[:3], one[10:12, 20:22].mean((0, 1)), atol=0.6)
        np.testing.assert_allclose(read(0, -3.0, 10.5), 0)

    def test_colours_are_multiplied_by_what_they_cover(self):
        half = np.full((4, 4, 4), 200, np.uint8)
        half[..., 3] = 51
        atlas = Atlas([half], CPU)
        begin, width, height, _, _ = atlas.row(torch.tensor([0]), torch.tensor([0]))
        got = atlas.look(begin, width, height, torch.tensor([1.5]), torch.tensor([1.5]))
        np.testing.assert_allclose(got[0].numpy(), [40, 40, 40, 51])


class Augmentation(unittest.TestCase):
    def test_same_seed_same_batch_whatever_came_before(self):
        made = studio(picture(), picture(people=(), doubtful=((10, 10, 90, 200),)))
        one, other = Batches(made, 7, 2, sheaf=2), Batches(made, 7, 2, sheaf=2)
        for i in range(6):
            one(i, 0.0)
        for a, b in zip(one(5, 0.0), other(5, 0.0)):
            self.assertTrue(torch.equal(a, b))
        self.assertFalse(torch.equal(other(4, 0.0)[0], other(5, 0.0)[0]))

    def test_boxes_stay_inside_and_large_enough(self):
        scenes = studio().batch(2, 0, 24, 416, 256)
        self.assertEqual(scenes.pixels.shape, (24, 3, 256, 416))
        self.assertTrue(0 <= float(scenes.pixels.min()) and float(scenes.pixels.max()) <= 255)
        people = scenes.box[scenes.state == SOMEBODY]
        self.assertGreater(len(people), 10)
        for x1, y1, x2, y2 in people.tolist():
            self.assertTrue(-0.01 <= x1 < x2 <= 416.01 and -0.01 <= y1 < y2 <= 256.01 and y2 - y1 >= augment.SMALLEST - 0.01)

    def test_boxes_go_where_the_pixels_go(self):
        green = Picture("street", np.zeros((480, 640, 3), np.uint8), boxes([[250, 100, 350, 380]]), boxes([]))
        cv2.ellipse(green.pixels, (300, 240), (50, 140), 0, 0, 360, (0, 255, 0), -1)
        kept, augment.weather = augment.weather, lambda _dice, pixels: pixels
        try:
            made = studio(green, sprites=0)
            made.layers.paste = lambda *_: None
            scenes = made.batch(3, 0, 60, 416, 256)
        finally:
            augment.weather = kept
        alone = (scenes.state == SOMEBODY).sum(1) + (scenes.state == DOUBTFUL).sum(1) == 1
        checked = 0
        for n in ((scenes.state[:, 0] == SOMEBODY) & alone).nonzero()[:, 0].tolist():
            y, x = ((scenes.pixels[n, 1] > 128) & (scenes.pixels[n, 0] < 60)).nonzero(as_tuple=True)
            seen = torch.tensor([[x.min(), y.min(), x.max() + 1, y.max() + 1]]).float()
            self.assertGreater(float(iou(seen, scenes.box[n, :1])[0]), 0.6, n)
            checked += 1
        self.assertGreater(checked, 10)

    def test_a_tilt_can_be_undone(self):
        tilt = Tilt(torch.tensor([0.5]), torch.tensor([40.0]))
        x, y = tilt.target(*tilt.source(torch.tensor([300.0]), torch.tensor([80.0]), 416, 256), 416, 256)
        self.assertAlmostEqual(float(x), 300, places=2)
        self.assertAlmostEqual(float(y), 80, places=2)

    def test_a_turn_keeps_the_middle_and_the_size_of_a_circle(self):
        turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]])
        got = augment.moved(torch.tensor([[-10.0, -10, 10, 10]]), turn, torch.tensor([5.0, 7.0]))
        np.testing.assert_allclose(got.numpy(), [[-5, -3, 15, 17]], atol=1e-4)


class Pasting(unittest.TestCase):
    def test_what_is_covered_is_doubtful_and_who_is_put_there_is_somebody(self):
        scenes = Scenes(torch.zeros(2, 3, 64, 96), torch.tensor([[[10.0, 10, 20, 40]], [[60.0, 10, 70, 40]]]),
                        torch.tensor([[SOMEBODY], [SOMEBODY]]))
        Layers.hide(scenes, torch.tensor([0]), torch.tensor([[8.0, 8, 25, 50]]), torch.tensor([True]))
        self.assertEqual(scenes.state.tolist(), [[DOUBTFUL, SOMEBODY], [SOMEBODY, NOBODY]])
        self.assertEqual(scenes.box[0, 1].tolist(), [8, 8, 25, 50])

    def test_a_thing_covers_its_place_and_nothing_else(self):
        red = np.zeros((20, 10, 4), np.uint8)
        red[..., 2:] = 255
        layers = Layers(Atlas([picture().pixels, red], CPU), [picture()], [red], [], CPU, 1)
        pixels = torch.zeros(1, 3, 64, 96)
        layers.lay(Dice(1, 1, CPU), pixels, Layer(torch.tensor([0]), torch.tensor([1]), torch.tensor([[0.0, 0, 10, 20]]),
                                                  torch.tensor([[30.0, 8, 40, 28]]), torch.tensor([False]), torch.ones(1)))
        y, x = (pixels[0, 2] > 200).nonzero(as_tuple=True)
        self.assertEqual((int(x.min()), int(x.max()), int(y.min()), int(y.max())), (30, 39, 8, 27))
        self.assertEqual(float(pixels[0, 0].max()), 0)


class Nobody(unittest.TestCase):
    def test_a_deserted_sample_has_nobody_and_comes_from_where_nobody_is(self):
        red = Picture("street", np.zeros((480, 640, 3), np.uint8), boxes([[300, 0, 640, 480]]), boxes([[0, 400, 300, 480]]))
        red.pixels[:, 300:] = red.pixels[400:] = (0, 0, 255)  # where somebody is, or may be
        made = studio(red, Picture("nobody", np.zeros((300, 480, 3), np.uint8), boxes([]), boxes([])), nobody=1.0, sprites=0)
        kept, augment.weather = augment.weather, lambda _dice, pixels: pixels
        try:
            made.layers.paste = lambda *_: None
            scenes = made.batch(1, 0, 40, 416, 256)
        finally:
            augment.weather = kept
        self.assertFalse((scenes.state != NOBODY).any())
        self.assertLess(float((scenes.pixels[:, 2] > 128).float().mean()), 0.01)

    def test_every_kind_of_thing_can_be_drawn_and_covers_something(self):
        textures = [picture().pixels]
        for kind in (*KINDS, umbrella):
            for seed in range(4):
                got = thing(np.random.default_rng(seed), textures, kind)
                self.assertEqual((got.shape[2], got.dtype), (4, np.uint8), kind)
                self.assertTrue((got[..., 3] > 0).any(), kind)

    def test_a_gallery_is_the_same_however_many_draw_it(self):
        alone, together = (drawn.gallery(5, 16, 16, 16, [], workers) for workers in (1, 2))
        for a, b in zip(alone[0] + alone[1] + [p.pixels for p in alone[2]],
                        together[0] + together[1] + [p.pixels for p in together[2]]):
            np.testing.assert_array_equal(a, b)

    def test_a_camera_that_looks_down_sees_the_floor(self):
        light = np.ones((64, 128, 3), np.float32)
        light[32:, :, 2] = 0  # the ground, green and blue; the sky is white
        rng = np.random.default_rng(3)
        red = [panoramas.look(rng, light)[..., 2].mean() for _ in range(40)]
        self.assertEqual(min(red), 0)
        self.assertGreater(max(red), 60)

    def test_panoramas_inside_javascript_are_read(self):
        pixels = np.random.default_rng(1).integers(0, 255, (8, 16, 3), np.uint8)
        text = base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "hall.exr.js"
            path.write_bytes(b"export default 'data:image/png;base64," + text + b"'")
            np.testing.assert_allclose(panoramas.light(path), (pixels / 255) ** 2.2, atol=1e-5)

    def test_what_is_kept_aside_is_not_learned(self):
        kept, learned = picture(), picture()
        kept.kept_aside = True
        self.assertEqual(for_training([kept, learned]), [learned])


class Weather(unittest.TestCase):
    def test_every_weather_changes_a_picture_and_not_its_shape(self):
        plain = torch.from_numpy(picture().pixels[:96, :160]).permute(2, 0, 1)[None].float().expand(4, 3, 96, 160)
        for change in (weather.light, weather.lens, weather.coarse, weather.falling, weather.sensor, weather.encoder,
                       weather.lamps):
            got = change(Dice(1, 2, CPU), plain.clone())
            self.assertEqual(got.shape, plain.shape, change)
            self.assertTrue(torch.isfinite(got).all() and (got != plain).any(), change)

    def test_what_is_flat_stays_flat_in_the_encoder(self):
        flat = torch.full((1, 3, 32, 64), 120.0)
        np.testing.assert_allclose(weather.encoder(Dice(1, 2, CPU), flat).numpy(), 120, atol=6)

    def test_a_blur_keeps_the_light(self):
        dot = torch.zeros(2, 1, 32, 32)
        dot[:, :, 16, 16] = 100
        kernel = torch.cat([weather.gaussian(torch.tensor([1.2])), weather.streak(Dice(1, 1, CPU), 1, torch.tensor([5.0]))])
        np.testing.assert_allclose(weather.filtered(dot, kernel).sum((1, 2, 3)).numpy(), 100, rtol=1e-4)


class Aside(unittest.TestCase):
    def test_the_level_of_other_weights_is_found(self):
        truth = np.random.default_rng(8).uniform(-2.5, 3.5, 400)

        def judged(eye, _pictures):
            logits = truth if eye.net == "like" else (truth + 0.7) / 1.6
            return np.sort(1 / (1 + np.exp(-logits)))[::-1], np.ones(400, bool), 400

        kept = aside.judged, aside.Eye
        aside.judged, aside.Eye = judged, lambda net: type("Eye", (), {"net": net})()
        try:
            slope, offset = aside.level("net", "like", [])
        finally:
            aside.judged, aside.Eye = kept
        self.assertAlmostEqual(slope, 1.6, delta=0.02)
        self.assertAlmostEqual(offset, -0.7, delta=0.02)

    def test_doubtful_and_tiny_people_count_neither_way(self):
        one = Picture("street", np.zeros((288, 480, 3), np.uint8), boxes([[10, 10, 50, 110], [200, 10, 204, 20]]),
                      boxes([[300, 10, 340, 110]]))
        found = np.array([[10, 10, 50, 110, 0.9], [200, 10, 204, 20, 0.8], [300, 10, 340, 110, 0.7],
                          [400, 10, 440, 110, 0.6]], np.float32)
        score, hit, people = aside.judged(lambda _pixels: found, [one])
        np.testing.assert_allclose(score, [0.9, 0.6])
        self.assertEqual((hit.tolist(), people), ([True, False], 1))


class Loss(unittest.TestCase):
    def test_iou_of_a_quarter(self):
        a, b = torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[1.0, 1, 3, 3]])
        overlap, generalised = iou(a, b)
        self.assertAlmostEqual(float(overlap), 1 / 7, places=4)
        self.assertAlmostEqual(float(generalised), 1 / 7 - 2 / 9, places=4)

    def test_the_right_answer_costs_nothing_and_a_wrong_one_something(self):
        answers = torch.tensor([[[10.0, 10, 4, 8, 20.0], [50, 50, 4, 4, -20]]])
        verdict, target = torch.tensor([[SOMEBODY, NOBODY]]), torch.tensor([[[8.0, 6, 12, 14], [0, 0, 0, 0]]])
        right, _ = detection_loss(answers, verdict, target)
        wrong, _ = detection_loss(answers.flip(1), verdict, target)
        self.assertLess(float(right), 1e-3)
        self.assertGreater(float(wrong), 1)


class Training(unittest.TestCase):
    def test_a_stopped_run_goes_on_as_if_nothing_had_happened(self):
        batches = Batches(studio(picture(), picture(people=((50, 50, 90, 160),))), 7, 2)

        def trainer() -> Trainer:
            torch.manual_seed(7)
            return Trainer.new(torch.device("cpu"), None, 0.03)

        through, stopped, resumed = trainer(), trainer(), trainer()
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.pt"
            for i in range(4):
                through.learn(*batches(i, 0.0), 1e-3)
            for i in range(2):
                stopped.learn(*batches(i, 0.0), 1e-3)
            stopped.save(checkpoint)
            resumed.resume(checkpoint)
        for i in range(2, 4):
            resumed.learn(*batches(i, 0.0), 1e-3)
        self.assertEqual(resumed.step, 4)
        for name, value in through.average.net.state_dict().items():
            torch.testing.assert_close(resumed.average.net.state_dict()[name], value, msg=name)


class Frozen(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(7)
        self.trainer = Trainer.new(torch.device("cpu"), None, 0.03, frozen="stages")

    def test_only_the_last_layers_learn_and_the_memory_teaches_them_again(self):
        net, before = self.trainer.net, {k: v.clone() for k, v in self.trainer.net.state_dict().items()}
        batches, memory = Batches(studio(), 7, 2), Memory(again=2, room=2, seed=1)
        for i in range(3):
            self.trainer.learn(*batches(i, 0.0), 1e-3, memory)
        changed = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
        self.assertTrue(changed and all(k.startswith(("lateral", "smooth", "heads")) for k in changed), changed)
        self.assertFalse([k for k in changed if "running" in k])
        self.assertEqual((self.trainer.step, self.trainer.average.updates, len(memory.lessons)), (3, 3 + 4, 2))

    def test_the_memory_brings_back_what_it_was_given(self):
        lesson = Lesson((torch.zeros(1),) * 3, (1, 1), torch.zeros(1), torch.zeros(1))
        memory = Memory(again=3, room=5, seed=1)
        self.assertEqual(memory.recall(lesson), [])
        self.assertTrue(all(again is lesson for again in memory.recall(lesson)))


class Exporting(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        self.net = Detector().eval()
        for module in self.net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)

    def test_opencv_computes_what_torch_does(self):
        graph, weights = onnx_model.models(self.net, 160, 96)
        box, score = onnx_model.difference(self.net, graph + weights, 160, 96)
        self.assertLess(max(box, score), 1e-4)

    def test_folding_and_rounding_change_little(self):
        graph, weights = onnx_model.models(self.net, 160, 96)
        noise = np.random.default_rng(4).integers(0, 255, (96, 160, 3), np.uint8)
        rows, _ = Boxes5(graph + weights, 160, 96).forward(noise)
        with torch.no_grad():
            raw = flatten(self.net(torch.from_numpy(noise).permute(2, 0, 1)[None].float()))
            want = decode(raw, cells(96, 160))[0].numpy()
        np.testing.assert_allclose(rows[:, :4], want[:, :4], atol=0.1)

    def test_what_is_shipped_can_be_trained_on(self):
        with tempfile.TemporaryDirectory() as folder:
            onnx_model.write(self.net, "1", {"a": onnx_model.Kind(96, 64, "a", True)}, Path(folder))
            again = unfolded(weights(Path(folder)))
        noise = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(5)) * 255
        with torch.no_grad():
            got, want = flatten(again(noise)), flatten(self.net(noise))
        torch.testing.assert_close(got, want, atol=0.05, rtol=0.02)  # the weights were rounded to 8 bits

    def test_the_mean_of_two_runs_lies_between_them(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("a.pt", "b.pt")]
            for path, seed in zip(paths, (1, 2)):
                torch.manual_seed(seed)
                Trainer.new(torch.device("cpu"), None, 0.03).save(path)
            mean = load_mean(paths).heads[0].out.weight
            both = [load_mean([p]).heads[0].out.weight for p in paths]
        torch.testing.assert_close(mean, (both[0] + both[1]) / 2)

    def test_all_sizes_share_their_weights(self):
        kinds = {"a": onnx_model.Kind(96, 64, "a", True), "b": onnx_model.Kind(128, 96, "b")}
        with tempfile.TemporaryDirectory() as folder:
            onnx_model.write(self.net, "1", kinds, Path(folder))
            got = onnx_model.read(Path(folder))
        self.assertEqual({k: v[1:] for k, v in got.items()}, {"a": (96, 64), "b": (128, 96)})


class Calibration(unittest.TestCase):
    def test_the_line_is_found_and_written(self):
        rng = np.random.default_rng(6)
        logit = rng.uniform(-3, 3, 20000)
        hit = rng.random(20000) < 1 / (1 + np.exp(-(2.5 * logit - 0.5)))
        slope, offset = line(logit, hit)
        self.assertAlmostEqual(slope, 2.5, delta=0.15)
        self.assertAlmostEqual(offset, -0.5, delta=0.15)
        torch.manual_seed(5)
        net, noise = Detector().eval(), torch.rand(1, 3, 64, 96)
        with torch.no_grad():
            before, after = flatten(net(noise)), flatten(calibrated(net, 2.5, -0.5)(noise))
        torch.testing.assert_close(after[..., 4], before[..., 4] * 2.5 - 0.5)
        torch.testing.assert_close(after[..., :4], before[..., :4])


    def test_the_score_that_begins_a_track_is_nearly_always_right(self):
        logit = np.linspace(4, -4, 801)
        hit = np.random.default_rng(2).random(801) < np.where(logit > 0.5, 1.0, 0.2)

        def judged(_eye, _pictures):
            return 1 / (1 + np.exp(-logit)), hit, 801

        kept = calibrate.judged, calibrate.Eye
        calibrate.judged, calibrate.Eye = judged, lambda net: net
        try:
            slope, offset = calibrate.levelled(Detector(), [])
        finally:
            calibrate.judged, calibrate.Eye = kept
        begins = 1 / (1 + np.exp(-(slope * logit + offset))) >= aside.BEGINS - 1e-9
        self.assertGreater(slope, 0)
        self.assertGreaterEqual(hit[begins].mean(), calibrate.RIGHT)
        self.assertLess(hit[: begins.sum() + 30].mean(), calibrate.RIGHT)


class Scores(unittest.TestCase):
    def test_a_perfect_detector_and_one_that_finds_half(self):
        truth = {1: boxes([[0, 0, 10, 20], [30, 0, 40, 20]])}
        both = np.array([[0, 0, 10, 20, 0.9], [30, 0, 40, 20, 0.8]], np.float32)
        self.assertEqual(scores(*matched({1: both}, truth)), (1.0, 1.0))
        self.assertEqual(scores(*matched({1: both[:1]}, truth)), (0.5, 0.5))

    def test_the_second_box_of_one_person_is_false(self):
        truth = {1: boxes([[0, 0, 10, 20]])}
        twice = np.array([[0, 0, 10, 20, 0.9], [0, 0, 10, 19, 0.8]], np.float32)
        self.assertEqual(matched({1: twice}, truth)[0].tolist(), [True, False])

    def test_suppression_keeps_the_surest(self):
        found = np.array([[0, 0, 10, 20, 0.5], [0, 0, 10, 21, 0.9], [50, 0, 60, 20, 0.1]], np.float32)
        self.assertEqual(suppress(found, 0.6)[:, 4].tolist(), [np.float32(0.9), np.float32(0.1)])


class Labels(unittest.TestCase):
    def test_tiles_cover_the_picture(self):
        seen = np.zeros((480, 640), bool)
        for x1, y1, x2, y2 in tiles(640, 480, 2, 3):
            seen[y1:y2, x1:x2] = True
        self.assertGreater(seen.mean(), 0.99)

    def test_who_is_seen_once_is_less_sure_than_who_is_seen_always(self):
        whole = (0, 0, 640, 480)
        box = np.array([[10, 10, 60, 150, 0.8]], np.float32)
        nothing = np.zeros((0, 5), np.float32)
        always, once = agree([Look(whole, box), Look(whole, box)]), agree([Look(whole, box), Look(whole, nothing)])
        self.assertAlmostEqual(always[0][4], 0.8, places=3)
        self.assertAlmostEqual(once[0][4], 0.6, places=3)

    def test_a_later_round_confirms_doubts_and_adds(self):
        whole, half, clear, unclear = [10, 10, 60, 150], [200, 10, 260, 80], [400, 10, 450, 99], [500, 10, 550, 99]
        earlier = [[*whole, 0.8], [*half, 0.7], [*clear, 0.7], [*unclear, 0.4]]
        mine = [[12, 10, 62, 150, 0.7], [200, 10, 262, 200, 0.9], [300, 10, 350, 150, 0.4]]
        got = {tuple(r[:4]): r[4] for r in refined(earlier, mine)}
        self.assertEqual(got[(11, 10, 61, 150)], 0.8)
        self.assertGreaterEqual(got[(200, 10, 262, 200)], SURE)
        self.assertLess(got[tuple(half)], SURE)
        self.assertEqual(got[tuple(clear)], 0.7)
        self.assertLess(got[tuple(unclear)], SURE)
        self.assertNotIn((300, 10, 350, 150), got)

    def test_what_the_model_alone_sees_is_doubtful_if_it_is_small_and_nobody_if_it_is_tall(self):
        pigeon, statue = [10, 10, 30, 50, 0.9], [200, 10, 260, 180, 0.9]
        self.assertEqual([r[:4] for r in refined([], [pigeon, statue])], [pigeon[:4]])
        self.assertLess(refined([], [pigeon])[0][4], SURE)

    def test_a_doubt_is_confirmed_if_it_is_small(self):
        far, coat = [10, 10, 30, 50, 0.3], [200, 10, 260, 180, 0.3]
        got = {tuple(r[:4]): r[4] for r in refined([far, coat], [[*far[:4], 0.9], [*coat[:4], 0.9]])}
        self.assertGreaterEqual(got[tuple(far[:4])], SURE)
        self.assertLess(got[tuple(coat[:4])], SURE)

    def test_who_is_too_tall_for_a_look_is_not_missed_by_it(self):
        whole = (0, 0, 640, 480)
        box, nothing = np.array([[10, 10, 160, 470, 0.8]], np.float32), np.zeros((0, 5), np.float32)
        self.assertAlmostEqual(agree([Look(whole, box), Look(whole, nothing, tallest=300)])[0][4], 0.8, places=3)

    def test_what_was_hardly_seen_and_not_confirmed_is_nobody(self):
        faint, seen_again = [10, 10, 60, 150, 0.2], [200, 10, 260, 80, 0.2]
        got = refined([faint, seen_again], [[195, 10, 262, 200, 0.3]])
        self.assertEqual([r[:4] for r in got], [seen_again[:4]])
        self.assertLess(got[0][4], SURE)


if __name__ == "__main__":
    unittest.main()
