"""python3 -m unittest, in this folder. Needs torch, onnx, numpy and OpenCV, but no pictures."""
from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import aside
import augment
import onnx_model
import panoramas
from calibrate import calibrated, line
from checkpoint import load_mean
from clutter import clutter
from detectors import Boxes5, suppress
from evaluate import matched, scores
from labels import agree, refined, tiles
from loss import detection_loss, iou
from network import Detector, cells, decode, flatten
from pictures import SURE, Picture, boxes, for_training
from shipped import unfolded, weights
from targets import DOUBTFUL, NOBODY, SOMEBODY, assign
from train import Batches, Lesson, Memory, Studio, Trainer
from weather import weather


def picture(people=((100, 60, 140, 180),), doubtful=()) -> Picture:
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    return Picture("street", noise, boxes(people), boxes(doubtful))


class Targets(unittest.TestCase):
    def test_every_person_has_a_cell_and_the_box_of_it(self):
        for tall in (10, 30, 50, 90, 120, 250):
            person = np.array([[200, 20, 200 + tall * 0.4, 20 + tall]], np.float32)
            verdict, target = assign(person, boxes([]), 416, 288)
            self.assertTrue((verdict == SOMEBODY).any(), tall)
            self.assertTrue((target[verdict == SOMEBODY] == person).all(), tall)

    def test_doubtful_boxes_are_neither(self):
        verdict, _ = assign(boxes([]), boxes([[0, 0, 208, 256]]), 416, 256)
        x = cells(256, 416)[:, 0].numpy()
        self.assertEqual(set(verdict[x < 208]), {DOUBTFUL})
        self.assertEqual(set(verdict[x > 208]), {NOBODY})

    def test_the_person_in_front_wins(self):
        behind, front = [100, 50, 160, 230], [120, 130, 140, 150]
        verdict, target = assign(boxes([behind, front]), boxes([]), 416, 256)
        self.assertTrue((target[verdict == SOMEBODY] == np.array(front)).all(1).any())


class Augmentation(unittest.TestCase):
    def test_same_seed_same_batch_whatever_came_before(self):
        studio = Studio([picture(), picture(people=(), doubtful=((10, 10, 90, 200),))])
        whole, resumed = Batches(studio, 7, 0, 10, 2), Batches(studio, 7, 4, 10, 2)
        _ = whole[0]
        for a, b in zip(whole[5], resumed[1]):
            self.assertTrue(torch.equal(a, b))

    def test_boxes_stay_inside_and_large_enough(self):
        studio, rng = Studio([picture()]), np.random.default_rng(2)
        for _ in range(50):
            made = studio.scene(rng, 416, 256)
            self.assertEqual(made.pixels.shape, (256, 416, 3))
            for x1, y1, x2, y2 in made.people:
                self.assertTrue(0 <= x1 < x2 <= 416 and 0 <= y1 < y2 <= 256 and y2 - y1 >= augment.SMALLEST)

    def test_a_turn_keeps_the_middle_and_the_size_of_a_circle(self):
        turn = np.array([[0.6, -0.8], [0.8, 0.6]])
        got = augment.moved(boxes([[-10, -10, 10, 10]]), turn, np.array([5.0, 7.0]))
        np.testing.assert_allclose(got, [[-5, -3, 15, 17]], atol=1e-4)


class Nobody(unittest.TestCase):
    def test_a_deserted_picture_has_nobody_and_comes_from_where_nobody_is(self):
        red = Picture("street", np.zeros((480, 640, 3), np.uint8), boxes([[300, 0, 640, 480]]), boxes([[0, 400, 300, 480]]))
        red.pixels[:, 300:] = (0, 0, 255)  # where somebody is
        red.pixels[400:] = (0, 0, 255)
        for seed in range(30):
            part = augment.deserted_part(np.random.default_rng(seed), red, 1.5)
            if part is not None:
                x1, y1, x2, y2 = part
                self.assertLess((red.pixels[y1:y2, x1:x2, 2] > 0).mean(), 0.05)
        made = Studio([red], nobody=1.0).scene(np.random.default_rng(1), 416, 256)
        self.assertEqual((made.pixels.shape, len(made.people), len(made.doubtful)), ((256, 416, 3), 0, 0))

    def test_clutter_and_weather_change_a_picture_and_not_its_shape(self):
        plain = np.full((96, 160, 3), 128, np.uint8)
        for seed in range(40):
            rng = np.random.default_rng(seed)
            seen = weather(rng, clutter(rng, plain))
            self.assertEqual((seen.shape, seen.dtype), (plain.shape, plain.dtype))
            self.assertTrue((seen != plain).any())
        self.assertTrue((plain == 128).all())

    def test_a_camera_that_looks_down_sees_the_floor(self):
        light = np.ones((64, 128, 3), np.float32)
        light[32:, :, 2] = 0  # the ground, green and blue; the sky is white
        rng = np.random.default_rng(3)
        red = [panoramas.look(rng, light)[..., 2].mean() for _ in range(40)]
        self.assertEqual(min(red), 0)
        self.assertGreater(max(red), 60)

    def test_what_is_kept_aside_is_not_learned(self):
        kept, learned = picture(), picture()
        kept.kept_aside = True
        self.assertEqual(for_training([kept, learned]), [learned])


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
        studio = Studio([picture(), picture(people=((50, 50, 90, 160),))])
        batches = Batches(studio, 7, 0, 4, 2)

        def trainer() -> Trainer:
            torch.manual_seed(7)
            return Trainer.new(torch.device("cpu"), None, 0.03)

        through, stopped, resumed = trainer(), trainer(), trainer()
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.pt"
            for i in range(4):
                through.learn(*batches[i], 1e-3)
            for i in range(2):
                stopped.learn(*batches[i], 1e-3)
            stopped.save(checkpoint)
            resumed.resume(checkpoint)
        for i in range(2, 4):
            resumed.learn(*batches[i], 1e-3)
        self.assertEqual(resumed.step, 4)
        for name, value in through.average.net.state_dict().items():
            torch.testing.assert_close(resumed.average.net.state_dict()[name], value, msg=name)


class Frozen(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(7)
        self.trainer = Trainer.new(torch.device("cpu"), None, 0.03, frozen="stages")

    def test_only_the_last_layers_learn_and_the_memory_teaches_them_again(self):
        net, before = self.trainer.net, {k: v.clone() for k, v in self.trainer.net.state_dict().items()}
        batches, memory = Batches(Studio([picture()]), 7, 0, 4, 2), Memory(again=2, room=2, seed=1)
        for i in range(3):
            self.trainer.learn(*batches[i], 1e-3, memory)
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
        always, once = agree([(whole, box), (whole, box)]), agree([(whole, box), (whole, nothing)])
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


if __name__ == "__main__":
    unittest.main()
