"""Chromium, Firefox et WebKit, menés par les mêmes gestes."""
