"""Look through and put right the conversations that a language model is fine-tuned on."""

__version__ = "0.1.0"
