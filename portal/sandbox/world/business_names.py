"""Words that the practice book's business and display names are made of, by country. All are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """One country's words. ``pattern`` joins a ``{brand}`` and a ``{trade}`` into a display name."""

    code: str
    currency: str
    timezone_id: str
    pattern: str
    brands: tuple[str, ...]
    trades: tuple[str, ...]
    legal: tuple[str, ...]
    branches: tuple[str, ...]

    def display_name(self, serial: int) -> str:
        """The ``serial``-th display name of this country; no two alike."""
        round_of_brands, place = divmod(serial, len(self.brands))
        brand = self.brands[place]
        trade = self.trades[(round_of_brands + place) % len(self.trades)]
        round_of_all = round_of_brands // len(self.trades)
        name = self.pattern.format(brand=brand, trade=trade)
        return f"{name} {round_of_all + 1}" if round_of_all else name


def _country(
    code: str, currency: str, timezone_id: str, pattern: str, brands: str, trades: str, legal: str, branches: str
) -> Country:
    return Country(
        code,
        currency,
        timezone_id,
        pattern,
        *(tuple(word.strip() for word in words.split(",")) for words in (brands, trades, legal, branches)),
    )


_BRAND_FIRST, _TRADE_FIRST = "{brand} {trade}", "{trade} {brand}"

COUNTRIES: tuple[Country, ...] = (
    _country(
        "US", "USD", "7", _BRAND_FIRST,
        "Harbor, Maple Hill, Juniper, Northline, Copperfield, Bluebird, "
        "Ridgeway, Lantern, Prairie, Foxglove, Willow, O’Dell’s, Tidewater",
        "Bakery, Dental, Pet Supply, Auto Care, Outfitters, Realty, Coffee, Florist, Freight, Fitness, Optics",
        "LLC, Inc., Co.", "Support, Orders, Downtown, Westside, Bookings",
    ),
    _country(
        "GB", "GBP", "58", _BRAND_FIRST,
        "Ashdown, Pennine, Thistle, Kestrel, Marlowe, "
        "Wexcombe, Old Mill, Larkrise, Ferryman, Saltmarsh, Hartley & Rowe",
        "Travel, Opticians, Lettings, Brewery, Tailors, Garden Centre, Veterinary, Cycles, Books, Insurance",
        "Ltd, PLC, Group", "Customer Care, Leeds, Cardiff, Reservations, Returns",
    ),
    _country(
        "DE", "EUR", "47", _TRADE_FIRST,
        "Birkenhof, Nordlicht, Sonnental, Lindner, Brückner, "
        "Falkenstein, Grünwald, Möwe, Süßmann, Königsee, Ährenfeld",
        "Bäckerei, Gartenbau, Fahrradhaus, Apotheke, Möbelwerk, Reisebüro, Zahnärzte, Autohaus, Buchladen",
        "GmbH, KG, GmbH & Co. KG", "Kundendienst, Bestellung, Filiale Süd, Terminvergabe",
    ),
    _country(
        "FR", "EUR", "57", _TRADE_FIRST,
        "Lavande, du Vieux Pont, Belle Étoile, Chêne Vert, Marée Haute, "
        "L’Abeille, Côté Jardin, Saint-Éloi, Mirabelle, Garance",
        "Boulangerie, Librairie, Garage, Pharmacie, Auberge, Fromagerie, Fleuriste, Clinique, Atelier, Voyages",
        "SARL, SAS, & Fils", "Service client, Réservations, Rive gauche, Commandes",
    ),
    _country(
        "ES", "EUR", "55", _TRADE_FIRST,
        "Luna Nueva, El Olivo, Sierra Blanca, La Muñeca, Ágora, "
        "Río Claro, Doña Inés, Puerta Norte, Azahar, Trébol",
        "Panadería, Taller, Clínica, Ferretería, Librería, Viajes, Óptica, Taxi, Floristería, Peluquería",
        "S.L., S.A., Hermanos", "Atención al cliente, Reservas, Centro, Pedidos",
    ),
    _country(
        "IE", "EUR", "69", _BRAND_FIRST,
        "Claddagh, Shannonside, Ó Briain’s, Curragh, Ardmore, Liffey Lane, Connemara, Heather Glen, Fáilte",
        "Woollens, Crèche, Bakery, Motors, Pharmacy, Print, Kitchens, Tours, Seafood",
        "Ltd, DAC, Teoranta", "Help Desk, Galway, Bookings",
    ),
    _country(
        "AU", "AUD", "15", _BRAND_FIRST,
        "Wattle, Banksia, Kookaburra, Southern Cross, Billabong Road, Ironbark, Coral Bay, Bluegum, Red Centre",
        "Plumbing, Surf, Solar, Vets, Café, Caravans, Removals, Physio, Nursery, Butchers",
        "Pty Ltd, Group", "Service, Brisbane, Quotes, Bookings",
    ),
    _country(
        "BR", "BRL", "25", _TRADE_FIRST,
        "Aurora, Pão da Vovó, Ipê Amarelo, São Brás, Maré Cheia, "
        "Três Irmãos, Flor do Sertão, Guará, Jacarandá, Bem-te-vi",
        "Padaria, Clínica, Autopeças, Farmácia, Escola, Pousada, Mercado, Ótica, Imobiliária, Barbearia",
        "Ltda, S.A., ME", "Atendimento, Vendas, Zona Sul, Agendamento",
    ),
    _country(
        "MX", "MXN", "94", _TRADE_FIRST,
        "Santa Fe, El Nopal, Doña Lupe, Tres Volcanes, Quetzal, "
        "La Milpa, Monarca, Año Nuevo, Cenote, Jacaranda",
        "Taquería, Clínica, Refaccionaria, Farmacia, Hotel, Mueblería, Papelería, Veterinaria, Dulcería",
        "S.A. de C.V., S. de R.L.", "Citas, Pedidos, Sucursal Norte, Soporte",
    ),
    _country(
        "IN", "INR", "71", _BRAND_FIRST,
        "आनंद, गंगा, शुभम, लक्ष्मी, नीलम, सूर्या, Sharma, Saffron House, Kaveri, Malabar, Patel Brothers",
        "मिठाई भंडार, ट्रैवल्स, ज्वैलर्स, मेडिकल, Textiles, Sweets, Motors, Academy, Diagnostics",
        "Pvt Ltd, LLP, & Sons", "Helpline, Orders, Pune, बुकिंग",
    ),
    _country(
        "ID", "IDR", "66", _TRADE_FIRST,
        "Melati, Sari Rasa, Bintang Timur, Cahaya, Mutiara, "
        "Sumber Rejeki, Nusantara, Kenanga, Harapan Baru, Anggrek",
        "Toko, Warung, Klinik, Bengkel, Apotek, Rental Mobil, Butik, Katering, Optik, Kursus",
        "PT, CV, UD", "CS, Pemesanan, Cabang Bandung, Admin",
    ),
    _country(
        "AE", "AED", "8", _TRADE_FIRST,
        "الواحة, النخيل, الصقر, اللؤلؤة, الميناء, الريان, الفجر, الياسمين, الجزيرة, السدرة",
        "مخبز, عيادة, مطعم, صيدلية, معرض, مغسلة, مكتبة, حلويات, صالون, عطور",
        "ش.ذ.م.م, للتجارة, مجموعة", "خدمة العملاء, الحجوزات, الطلبات",
    ),
    _country(
        "IL", "ILS", "70", _TRADE_FIRST,
        "השקד, הגליל, הכרמל, הזית, האגם, הנרקיס, הדקל, המגדלור, הרימון",
        "מאפיית, גלריית, סטודיו, מרפאת, מסעדת, חנות, מוסך, ספריית, מכון",
        "בע״מ, ובניו", "שירות לקוחות, הזמנות, תורים",
    ),
    _country(
        "JP", "JPY", "77", "{brand}{trade}",
        "さくら, 北風, 若葉, 青空, 港町, 月見, ひかり, 山彦, 花菱, 白鷺",
        "商店, 歯科, 書店, 旅館, 製菓, 自動車, 眼科, クリーニング, 珈琲店, 不動産",
        "株式会社, 合同会社", "予約, お問い合わせ, 本店",
    ),
    _country(
        "TH", "THB", "132", "{trade}{brand}",
        "ดอกบัว, สยามใหม่, ริมน้ำ, ใบไม้, จันทร์เพ็ญ, ทองดี, สายลม, ลูกตาล, ภูเขา",
        "ร้านอาหาร, คลินิก, ร้านกาแฟ, ทัวร์, ร้านขนม, อู่รถ, โรงแรม, ร้านหนังสือ, สปา",
        "จำกัด, กรุ๊ป", "บริการลูกค้า, จองโต๊ะ, สั่งซื้อ",
    ),
    _country(
        "UA", "UAH", "137", _TRADE_FIRST,
        "Калина, Світанок, Лелека, Барвінок, Криниця, Зоряна, Берегиня, Веселка, Їжачок",
        "Пекарня, Кав’ярня, Клініка, Книгарня, Аптека, Автосервіс, Готель, Ательє, Школа",
        "ТОВ, ПП, Груп", "Підтримка, Замовлення, Запис",
    ),
    _country(
        "GR", "EUR", "60", _TRADE_FIRST,
        "Ελιά, Αιγαίο, Γαλήνη, Θάλασσα, Ήλιος, Μέλισσα, Άνεμος, Κοχύλι, Ροδιά",
        "Φούρνος, Καφέ, Φαρμακείο, Ταξίδια, Ταβέρνα, Βιβλία, Οπτικά, Άνθη, Ζαχαροπλαστείο",
        "Α.Ε., Ε.Π.Ε., Ο.Ε.", "Εξυπηρέτηση, Κρατήσεις, Παραγγελίες",
    ),
    _country(
        "NG", "NGN", "96", _BRAND_FIRST,
        "Adeola, Zuma Rock, Okoro, Ireti, Palmwine, Sokoto Road, Eko Bay, Ụlọma, Tolu & Tayo, Kainji",
        "Foods, Logistics, Fabrics, Pharmacy, Motors, Farms, Schools, Energy, Salon",
        "Ltd, Nig. Ltd, Ventures", "Helpdesk, Orders, Ikeja, Abuja",
    ),
)  # fmt: skip

BY_CODE = {country.code: country for country in COUNTRIES}
