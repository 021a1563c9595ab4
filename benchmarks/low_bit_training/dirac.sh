#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dirac.sh SLUICE IMAGES OUT: trains a small DiracDeltaNet on the folder that render_digits.py wrote,
# in float32, then with 8-bit and 4-bit weights and activations, each from the one before, with the
# float32 network as the teacher; prints what each is worth on the test images, in integers where it
# has them.
set -euo pipefail
sluice=$1 images=$2 out=$3

train() {
  "$sluice" train "$@" --data "$images/train.bin" --validation "$images/test.bin" \
    --preprocess cifar10 --batch 64 --optimizer adamw --threads 1 --quiet
}

train diracdeltanet_tiny --epochs 6 --rate 0.004 -o "$out/float"
teacher=(--teacher "$out/float/network.onnx")
train "$out/float/network.onnx" "${teacher[@]}" --weight-bits 8 --act-bits 8 --epochs 1 \
  --rate 0.001 -o "$out/w8a8"
train "$out/w8a8/network_float.onnx" "${teacher[@]}" --weight-bits 4 --act-bits 4 --epochs 3 \
  --rate 0.002 -o "$out/w4a4"
for stage in float w8a8 w4a4; do
  echo "$stage:"
  "$sluice" eval "$out/$stage/network.onnx" --data "$images/test.bin" --preprocess cifar10 --quiet
done
