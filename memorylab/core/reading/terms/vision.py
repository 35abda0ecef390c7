"""Vision, detection and diffusion."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
IMGSZ: (image|input|img|training|train|inference|input image) (size|resolution|res|dim|side|size px), (resolution|
    size) of (image|input|input image|training image), image (width|height|side length|pixel), resize (image|input|)
    to, crop size, pixel (resolution|size), input (pixel|shape), upscale input, high resolution input
PATCH_SIZE: (patch|token patch|patch embedding|vit patch) (size|dim|width|resolution), patchify size, patches of,
    pixel per patch
CONF_THRESHOLD: (conf|confidence|confidence score|detection|score|objectness) (thres|threshold|cutoff|thresh|cut
    off), minimum confidence, min confidence
IOU_THRESHOLD: (iou|nms|nms iou|overlap|non maximum suppression) (thres|threshold|thresh|cutoff|overlap threshold)
NUM_CLASSES: (number of|num|n) class, nc
DIFFUSION_STEPS: (diffusion|denoising|sampling|sampler|inference|ddim|reverse|sde|ode|flow|generation|noise) (step|
    timestep|step count|iteration|solver step|steps count), (number of|num) (diffusion step|denoising step|sampling
    step|inference step|timestep|denoise step|sampler step|function evaluation), nfe, step of (denoising|sampling|
    diffusion)
CFG_SCALE: (cfg|guidance|classifier free guidance|classifier guidance|unconditional guidance) (scale|strength|weight|
    w|coefficient|)
UNCOND_PROB: (unconditional|condition|conditioning|label|caption|class|context) (drop|dropout|drop rate|probability|
    dropout probability|drop probability|dropping), drop (condition|label|caption|class label), p uncond, cfg
    dropout, probability of dropping (label|condition|caption)
NOISE_SCHEDULE: (noise|beta|diffusion|variance) schedule, (linear|cosine) (noise schedule|beta schedule), beta
    (start|end), sigma (min|max|schedule|data), (shift|shifted) noise schedule, timestep shift, snr shift, terminal
    snr, zero terminal snr
TIMESTEP_SAMPLING: (timestep|time step|noise level|t) (sampling|distribution|sampler|sample distribution|importance
    sampling|weighting of timestep), (logit normal|lognormal|u shaped|uniform|mode|beta) (timestep|t|timestep
    sampling|t sampling|timestep distribution|t distribution|time sampling|time distribution), logit normal, sample t
    from
MOSAIC_PROB: (mosaic|copy paste) (probability|prob|augmentation|)
HIDDEN_CHANNELS: (base|hidden|conv|unet|filter|number of|num|initial|stem|feature|c) (filter|channel|channels|feature
    map|width multiplier|base channel), ngf, ndf, channel (mult|multiplier|width), feature map count, width
    (multiple|multiplier), filter count, base width of unet
ANCHORS: anchor (box|boxes|size|scale|ratio|aspect)
LATENT_DIM: (latent|code|z|bottleneck|vae latent) (dim|size|dimension|channel|channels|width)
KL_WEIGHT: (kl|vae kl|beta vae|kl divergence) (weight of vae|loss weight|warmup), beta vae
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
x0 prediction: (x0|x 0|clean|clean image|sample|data|denoised image|clean data|x0 image) (prediction|pred|
    parameterization|parameterisation|target|parametrization|prediction target|predict|regression), predict (x0|clean
    image|clean data|denoised image|clean sample|original image|image directly), (regress|output|estimate|predicts)
    (clean image|x0|clean data|clean sample|denoised image|image rather than noise)
velocity prediction: (velocity|v) (prediction|pred|parameterization|parameterisation|parametrization|target|
    objective|predict), predict (velocity|v), regress velocity
noise prediction: (noise|eps|epsilon) (prediction|pred|parameterization|parameterisation|parametrization|target),
    predict (noise|epsilon|eps), (regress|estimate|output) noise, residual learning predict noise
flow matching: (flow|conditional flow|optimal transport flow|rectified) (matching|flow|matching loss|matching
    objective), ot cfm, minibatch (ot|optimal transport), reflow, stochastic interpolant
consistency loss: consistency (model|training|distillation|loss|regularization), shortcut model, mean flow, meanflow
ddim: ddim (sampler|sampling)
dpm solver: dpmpp
heun sampler: heun
euler sampler: euler ancestral
unipc: unipc
lcm: lcm sampler
min-snr weighting: min snr (gamma|weighting|weight|), snr (weighting|weight|based weighting|based loss weight|loss
    weight|weighted loss), p2 weighting, loss weight by (snr|timestep|noise level), timestep loss weighting, sigmoid
    weighting
self-conditioning: self (conditioning|conditioned)
repa: representation alignment, align with dino
adaln: adaln (zero|modulation|), adaptive (layer norm|layernorm|group norm|normalization|norm), film (conditioning|
    layer|modulation|), time modulation, scale shift norm, use scale shift norm
perceptual loss: (vgg|feature matching|perceptual) loss
lpips: lpips loss
ssim loss: ssim, ms ssim
charbonnier loss: charbonnier
edge loss: sobel loss, gradient difference loss
frequency loss: fft loss
total variation: total variation (loss|penalty|regularization), tv (loss|penalty)
style loss: texture loss
adversarial loss: (adversarial|gan|discriminator|hinge gan|patchgan) (loss|training|head|objective|), wgan
dice loss: dice
tversky loss: tversky
lovasz loss: lovasz
iou loss: jaccard loss
ciou loss: ciou
giou loss: giou
diou loss: diou
focal loss: focal
arcface: additive angular margin, angular margin
cosface: am softmax
triplet loss: triplet margin
center loss: center loss
cosine loss: (cosine|cos|cosine similarity|cosine direction|direction) (loss|loss weight|weight|objective|similarity
    weight|similarity loss|direction loss|loss term), directional loss
resnet: resnet backbone
resnext: resnext
wide resnet: wide residual network
efficientnet: efficientnet backbone
mobilenet: mobilenetv2, mobilenetv3
shufflenet: shufflenet
convnext: convnext block
vit: vit backbone
deit: deit
dinov2: dino v2
dinov3: dino v3
swin: swin
siglip: siglip
clip backbone: clip encoder
yolo: yolo model
detr: rt detr
faster rcnn: faster r cnn
retinanet: retinanet
unet model: attention unet
nested unet: unet plus plus
deeplab: deeplabv3
fpn: feature pyramid
segformer: segformer
squeeze-and-excitation: squeeze (and|) excitation, se (block|module|layer)
channel attention: eca
cbam: cbam
spatial attention: spatial attention
coordinate attention: coord attention
simam: simam
depthwise separable: depthwise separable (conv|convolution|), separable (conv|convolution), mobile inverted
    bottleneck, mbconv, inverted (bottleneck|residual)
dilated conv: (dilated|atrous) (conv|convolution|), dilation (rate|), aspp
deformable conv: deformable (conv|convolution|attention), dcn
global average pooling: gap, global average (pool|pooled)
attention pooling: attention (pool|pooled)
gem pooling: gem, generalized mean pooling
max pooling: max (pool|pooled)
average pooling: average (pool|pooled), avg (pool|pooling)
mean pooling: mean (pool|pooled)
cls pooling: cls token pooling
blurpool: anti aliased (pool|downsampling)
strided conv: strided (convolution|downsampling), stride 2 conv
pixel shuffle: sub pixel (conv|convolution), pixel unshuffle
patch merging: patch merging
transposed conv: convtranspose, transposed convolution, deconvolution
bilinear upsampling: bilinear (upsample|interpolation)
nearest upsampling: nearest upsample
residual prediction: residual (learning|prediction|output|image), predict (residual|noise residual|difference|delta|
    correction), (output|net output|network output) (noise|residual) (subtracted|added), subtract (predicted noise|
    prediction) from input, global (residual|skip) (from|) input, input output skip, residual skip from input to
    output, add input to output
test time augmentation: (test time|tta|inference time) (augmentations|averaging|tta), tta, flip (averaging|at test|
    test), geometric self ensemble
multi-crop: ten crop
multi-scale testing: multi scale (testing|inference|test)
multi-scale training: multi scale (training|train|input|feature|), multiscale (training|), progressive (resizing|
    resolution|image size), resolution (curriculum|schedule|warmup)
mosaic: mosaic (augmentation|), copy paste, close mosaic
random crop: random (resized crop|crop padding|patch|patch sampling), random crop (size|augmentation|)
noise augmentation: (input|gaussian|random) noise (augmentation|on input|injection|to input|level|), add noise to
    (input|image|training input), noise injection, (input|training) noise
color space: colour space
lab color: lab (space|color)
hsv color: hsv (space|color)
ycbcr color: ycbcr (space|)
grayscale: grayscale input, gray scale
imagenet normalization: imagenet (mean|stats|mean std)
clahe: histogram equalization
gamma correction: gamma correction
masked autoencoder: masked (image modeling|autoencoding|patch prediction|image modelling), mae pretraining
patch masking: (patch|token) (dropping|dropout), patchdrop, mask patch
vision backbone: (image|imagenet|cnn) backbone
"""
