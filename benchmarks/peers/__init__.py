"""The same question to netprint and to other programs."""
