"""What runs plug-ins for Reeve. Plug-ins import nothing from here."""
