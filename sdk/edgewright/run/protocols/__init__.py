"""URL handlers for `serial.serial_for_url`; pyserial finds them by name once this package is registered."""

import serial

URL_PACKAGE = __name__


def register() -> None:
    """Makes pyserial look here too."""
    if URL_PACKAGE not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append(URL_PACKAGE)
