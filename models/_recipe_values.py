"""Values of recipe_comparison: as its paper prints them, and refits with standard errors.

The paper prints a, ln b, c and d of a (C + b)**c + d, without errors. The refits are least squares
by its procedure on the tables of its repository, with the standard errors of c and d; these trade
off, but their correlation is not printed. Refits whose floor is at its bound of zero are left out.

Source: Nezhurina et al. (2025), arXiv:2506.04598; github.com/LAION-AI/scaling-laws-for-comparison.
"""

from math import exp

from lawbook import Estimate


def published(label: str, a: float, log_b: float, c: float, d: float) -> Estimate:
    return Estimate("nezhurina2025", label, G=a * exp(c * log_b) + d, B=exp(log_b), alpha=-c, E=d)


def refit(label: str, a: float, log_b: float, c: float, d: float, *errors: float) -> Estimate:
    found = published(f"refit: {label}", a, log_b, c, d)
    return found.with_errors(**dict(zip(("alpha", "E"), errors, strict=True)))


PRINTED = [
    published("CLIP, ImageNet-1k", 57.862083, 18.391321, -0.226604, 0.111169),
    published("MaMMUT, ImageNet-1k", 125.356572, 19.289384, -0.255670, 0.101112),
]
IMAGES, TEXTS = "COCO image retrieval", "COCO text retrieval"
REFITS = [
    refit(f"CLIP, {IMAGES}", 51.25, 18.3245, -0.22848, 0.21583, 0.025, 0.028),
    refit(f"MaMMUT, {IMAGES}", 108.46, 19.0760, -0.25779, 0.20870, 0.021, 0.021),
    refit(f"CLIP, {TEXTS}", 495.56, 18.3731, -0.34555, 0.12685, 0.034, 0.020),
    refit(f"MaMMUT, {TEXTS}", 1495.5, 19.1031, -0.38921, 0.12195, 0.023, 0.011),
    refit("CLIP, DataComp-35", 17.133, 17.6229, -0.18577, 0.25035, 0.021, 0.028),
    refit("MaMMUT, DataComp-35", 13.267, 18.2303, -0.15807, 0.16126, 0.012, 0.025),
    refit("CLIP on Re-LAION, ImageNet-1k", 22.142, 18.2411, -0.17498, 0.09310, 0.021, 0.049),
    refit(f"CLIP on Re-LAION, {IMAGES}", 39.425, 18.0084, -0.21667, 0.20490, 0.019, 0.027),
    refit(f"MaMMUT on Re-LAION, {IMAGES}", 126.72, 19.1458, -0.26448, 0.20153, 0.022, 0.022),
    refit(f"CLIP on Re-LAION, {TEXTS}", 530.42, 18.1295, -0.35410, 0.14206, 0.032, 0.018),
    refit(f"MaMMUT on Re-LAION, {TEXTS}", 1978.6, 19.2168, -0.40159, 0.11886, 0.026, 0.012),
]
