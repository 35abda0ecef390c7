"""Holds that progress is read from the usual frameworks, and that only the training loss can end a run."""

from __future__ import annotations

import pytest

from memorylab.core.runs.progress import Progress, lost, read_progress

BAR = "\u2588\u2588\u258d       "


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"Epoch 0:  24%|{BAR}| 225/938 [00:03<00:11, 63.9it/s, v_num=3, train_loss=0.345]", (225, 24.0, 0.345, 11.0)),
        (f" 10%|{BAR}| 50/500 [00:10<01:30,  4.9it/s]", (50, 10.0, None, 90.0)),
        (" 24/100 [=====>......] - ETA: 3s - loss: 0.69 - accuracy: 0.61", (24, 24.0, 0.69, 3.0)),
        ("25/100 \u2501\u2501\u2501\u2501 3s 12ms/step - accuracy: 0.61 - loss: 0.69", (25, 25.0, 0.69, None)),
        ("{'loss': 2.3, 'learning_rate': 4.2e-05, 'epoch': 0.52}", (None, None, 2.3, None)),
        ('{"step": 900, "train_loss": 2.3, "eta": 12}', (900, None, 2.3, 12.0)),
        ("Epoch [3/10], Step [100/400], Loss: 0.5", (100, 25.0, 0.5, None)),
        ("Epoch 3/10 - loss: 0.25", (3, 30.0, 0.25, None)),
        ("step 7 | loss tensor(0.5, device='cuda:0') | time left: 1h 3m 20s", (7, None, 0.5, 3800.0)),
        ("[10]\ttrain-rmse:0.34\tvalid-rmse:0.36", (10, None, None, None)),
        ("[rank0]: iter 12: loss 1.5, time 130ms", (12, None, 1.5, None)),
        ("step 3 | best loss 1.1 | val_loss: 1.4", (3, None, None, None)),
    ],
)
def test_lines_of_the_usual_frameworks_are_read(line: str, told: tuple[float | None, ...]) -> None:
    assert read_progress(line, 1.0) == Progress._make((*told, 1.0))


@pytest.mark.parametrize("line", ["loss: 3.4", "stepping 3 stones", "listening on 10.0.0.1/24", "2/3 of the data"])
def test_other_lines_tell_no_progress(line: str) -> None:
    assert read_progress(line, 1.0) is None


@pytest.mark.parametrize(
    "line",
    [
        "step 3 lr 0.1 loss nan",
        "step 3 | train/loss=inf",
        "step 3 | loss/train: nan",
        "{'loss': nan, 'grad_norm': nan, 'epoch': 0.52}",
        '{"iter": 3, "loss": NaN}',
        f"Epoch 0:  24%|{BAR}| 225/938 [00:03<00:11, 63.9it/s, train_loss_step=nan.0]",
        "Train Epoch: 1 [640/60000 (1%)]\tLoss: nan",
        "25/100 \u2501\u2501\u2501\u2501 3s 12ms/step - accuracy: 0.61 - loss: nan",
        "loss = nan, step = 100 (2.1 sec)",
        "2024-05-01 12:00:00 INFO step 3 loss: nan",
        "step 3 | total loss: nan | aux loss: 0.1",
    ],
)
def test_a_training_loss_that_left_the_numbers_is_seen(line: str) -> None:
    assert lost(line)


@pytest.mark.parametrize(
    "line",
    [
        "step 3 | best val loss inf | train loss 2.9",
        "step 3 | aux loss: nan | loss: 2.9",
        "step 3 | router z_loss: nan",
        "step 3 | train loss 2.9, val loss nan",
        "step 3 | early_stop loss: inf",
        "step 3 | loss_scale: inf | loss: 3",
        "step 3 | loss 4.5 (+nanz) | norm 1.2 (+nanz)",
        "{'eval_loss': nan, 'epoch': 1.0}",
        "[eval] step 10 loss nan",
        "Validation: step 3/10 loss: nan",
        "step 5 | loss: nan (overflow, skipping this step)",
        "step 3 | min_loss=inf",
        "the loss: nan would be bad",
        "step 3 | loss: info",
    ],
)
def test_no_other_loss_and_no_other_word_ends_a_run(line: str) -> None:
    assert not lost(line)
